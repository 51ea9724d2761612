/** Members that are expected: more have only hostile lines. */
const mostExpected = 256
/** Room for each key; longer ones are found by looking them up. */
export const expectedKeyBytes = 64

/** The keys that lines of one file had last at each place. Flat arrays, as every member of every line reads them. */
export class ExpectedKeys {
  /** The key of place i from byte `i * expectedKeyBytes` on. */
  readonly texts = new Uint8Array(mostExpected * expectedKeyBytes)
  /** In bytes; such that no key ends behind its beginning where none is expected. */
  readonly lengths = new Int32Array(mostExpected).fill(-1)
  /** By `KeyTable`'s numbers. */
  readonly ids = new Int32Array(mostExpected)

  /** `bytes` as they stand between quotes; undefined for what can only stand there escaped, or is too long. */
  expect(index: number, id: number, bytes: Uint8Array | undefined): void {
    if (index >= mostExpected) return
    const fits = bytes !== undefined && bytes.length <= expectedKeyBytes
    this.lengths[index] = fits ? bytes.length : -1
    this.ids[index] = id
    if (fits) this.texts.set(bytes, index * expectedKeyBytes)
  }

  clear(): void {
    this.lengths.fill(-1)
  }
}
