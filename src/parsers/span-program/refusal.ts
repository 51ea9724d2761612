/** Why a pattern is no span program: a text for people, and where in the pattern, from 0, if it is one place. */
export class Refusal extends Error {
  readonly at: number | undefined

  constructor(reason: string, at?: number) {
    super(reason)
    this.at = at
  }
}
