/** What a command may touch of the process that it runs in. `process` itself fits; tests bring their own. */
export interface Io {
  readonly stdout: Output
  readonly stderr: Output
  readonly stdin: AsyncIterable<Uint8Array | string> & Terminal
  readonly env: Readonly<Record<string, string | undefined>>
}

/** What a terminal's input has beside its bytes. */
export interface Terminal {
  readonly isTTY?: boolean
  setRawMode?(isRaw: boolean): unknown
  on?(event: 'data', listener: (data: Uint8Array | string) => void): unknown
  off?(event: 'data', listener: (data: Uint8Array | string) => void): unknown
  resume?(): unknown
  pause?(): unknown
}

export interface Output {
  write(text: string): unknown
  readonly isTTY?: boolean
  /** Of a terminal, in characters. */
  readonly columns?: number
  readonly rows?: number
  /** False once its reader is gone (`| head`). */
  readonly writable?: boolean
  /** Bytes that nobody has read yet. */
  readonly writableLength?: number
  on?(event: 'error', listener: (error: Error) => void): unknown
}

/** How wide a table may be: as the terminal; what a pipe gets is not cut. */
export const widthOf = ({ isTTY, columns }: Output): number => (isTTY === true ? (columns ?? 80) : Infinity)

/** Colours for an output that is a terminal and was not asked to do without (https://no-color.org). */
export function styleOf(output: Output, env: Io['env']): Style {
  const isOn = output.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb'
  const wrap =
    (code: number) =>
    (text: string): string =>
      isOn ? `\x1b[${code}m${text}\x1b[0m` : text
  return { bold: wrap(1), dim: wrap(2), red: wrap(31), green: wrap(32), yellow: wrap(33), cyan: wrap(36) }
}

export type Style = Readonly<
  Record<'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan', (text: string) => string>
>
