/** Why a pattern is no span program: a text for people, and where in the pattern, from 0. */
export class Refusal extends Error {
  readonly at: number

  constructor(reason: string, at: number) {
    super(reason)
    this.at = at
  }
}
