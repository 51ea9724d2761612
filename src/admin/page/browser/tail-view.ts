import type { PageState } from './agent-state.ts'
import { byId, element, setText } from './elements.ts'
import { formatCount } from './formats.ts'
import { TailList } from './tail-list.ts'
import { readTail } from './tail-stream.ts'

/** After this an ended tail is asked for again. */
const againMs = 2_000

/** The live tail with its filter. It runs from Start to Stop, also over restarts of the agent. */
export class TailView {
  readonly #source = element('select', { id: 'tail-source' }, element('option', { value: '' }, 'all sources'))
  readonly #where = element('input', {
    id: 'tail-where',
    type: 'text',
    autocomplete: 'off',
    spellcheck: 'false',
    placeholder: "level == 'error'",
    'aria-describedby': 'tail-help',
  })
  readonly #start = element('button', { type: 'submit' }, 'Start')
  readonly #pause = element('button', { type: 'button', disabled: '' }, 'Pause')
  readonly #clear = element('button', { type: 'button' }, 'Clear')
  readonly #state = element('span', { class: 'tail-state', role: 'status' })
  /** Not part of the state: nobody wants to hear it each second. */
  readonly #out = element('span')
  readonly #hidden = element('p', { class: 'dim' }, 'Hidden: events are shown to the token alone, see above.')
  readonly #open: HTMLElement
  readonly #list = new TailList(() => this.#say())
  #running: AbortController | undefined
  /** What the running tail was asked for. */
  #asked = ''
  #leftOut = 0
  #said = ''

  constructor() {
    const help = element(
      'p',
      { id: 'tail-help', class: 'dim' },
      "A condition as in steps, asked of each event: level == 'error' && duration_ms > 1000, message.contains('timeout'). Above 100 events a second the rest is left out and counted: it is a look, and takes next to nothing from the agent.",
    )
    const form = element(
      'form',
      { class: 'tail-form' },
      element('label', { for: 'tail-source' }, 'Source'),
      this.#source,
      element('label', { for: 'tail-where' }, 'Only where'),
      this.#where,
      this.#start,
      this.#pause,
      this.#clear,
    )
    const said = element('p', { class: 'dim' }, this.#state, this.#out)
    this.#open = element('div', {}, form, help, said, this.#list.root)
    byId('tail-view').append(this.#hidden, this.#open)
    this.#open.hidden = true
    this.#listen(form)
  }

  show({ access, status }: PageState): void {
    this.#hidden.hidden = access.contents
    this.#open.hidden = !access.contents
    // Who has forgotten the token leaves no events behind.
    if (!access.contents) this.#leave()
    this.#offer(Object.keys(status.sources))
  }

  #listen(form: HTMLFormElement): void {
    form.addEventListener('submit', (event) => {
      event.preventDefault()
      // Enter in the filter asks anew; only the button itself stops what runs.
      const isStop = this.#running !== undefined && !this.#isChanged && document.activeElement !== this.#where
      if (isStop) this.#stop('Stopped.')
      else void this.#run()
    })
    for (const input of [this.#where, this.#source]) input.addEventListener('input', () => this.#nameStart())
    this.#pause.addEventListener('click', () => {
      this.#list.setPaused(!this.#list.isPaused)
      setText(this.#pause, this.#list.isPaused ? 'Resume' : 'Pause')
      this.#say()
    })
    this.#clear.addEventListener('click', () => {
      this.#leftOut = 0
      this.#list.clear()
      this.#say()
    })
  }

  get #question(): string {
    return JSON.stringify([this.#source.value, this.#where.value.trim()])
  }

  get #isChanged(): boolean {
    return this.#question !== this.#asked
  }

  #nameStart(): void {
    setText(this.#start, this.#running === undefined ? 'Start' : this.#isChanged ? 'Apply' : 'Stop')
    this.#pause.disabled = this.#running === undefined
  }

  async #run(): Promise<void> {
    this.#running?.abort()
    const running = new AbortController()
    this.#running = running
    this.#asked = this.#question
    this.#leftOut = 0
    this.#list.clear()
    this.#list.setPaused(false)
    setText(this.#pause, 'Pause')
    this.#nameStart()
    this.#tell('Asking…')
    const [source, where] = [this.#source.value, this.#where.value.trim()]
    while (!running.signal.aborted) {
      const ended = await readTail({
        source,
        where,
        signal: running.signal,
        opened: () => this.#tell(where === '' ? 'Running.' : `Running, where ${where}.`),
        took: ({ lines, leftOut }) => {
          this.#leftOut += leftOut
          this.#list.add(lines)
        },
      })
      if (running.signal.aborted) return
      if (ended.isFinal) return this.#stop(`Ended: ${ended.why}.`)
      this.#tell(`Interrupted: ${ended.why}; trying again…`)
      await new Promise((resolve) => setTimeout(resolve, againMs))
    }
  }

  #stop(said: string): void {
    if (this.#running === undefined) return
    this.#running.abort()
    this.#running = undefined
    this.#nameStart()
    this.#tell(said)
  }

  #leave(): void {
    this.#stop('')
    this.#leftOut = 0
    this.#list.clear()
  }

  #tell(said: string): void {
    this.#said = said
    this.#say()
  }

  #say(): void {
    const out = this.#leftOut + this.#list.passed
    setText(this.#out, out > 0 ? ` ${formatCount(out)} events left out.` : '')
    const paused = this.#list.isPaused ? ' Paused: new events wait, the oldest of them leave.' : ''
    setText(this.#state, `${this.#said}${paused}`)
  }

  #offer(sources: readonly string[]): void {
    const offered = [...this.#source.options].slice(1).map(({ value }) => value)
    if (offered.join('\n') === sources.join('\n')) return
    const chosen = this.#source.value
    const options = sources.map((name) => element('option', { value: name }, name))
    this.#source.replaceChildren(element('option', { value: '' }, 'all sources'), ...options)
    this.#source.value = sources.includes(chosen) ? chosen : ''
  }
}
