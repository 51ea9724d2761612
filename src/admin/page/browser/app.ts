import { AccessView } from './access-view.ts'
import type { PageState } from './agent-state.ts'
import { askJson, Refusal, shownToken } from './ask.ts'
import { byId, setText } from './elements.ts'
import { timeOfDay } from './formats.ts'
import { showHealth } from './health-view.ts'
import { LettersView } from './letters-view.ts'
import { moments, Plots } from './plots.ts'
import { Series } from './series.ts'
import { Tables } from './tables.ts'
import { TailView } from './tail-view.ts'
import { showTroubles } from './troubles-view.ts'

const everyMs = 2_000
/** With more files than are shown the agent sorts all of them: that is asked for less often. */
const manyFilesEvery = 5

/** The page: it asks for the agent's state each two seconds while somebody can see it, and shows it. */
class Page {
  readonly #series = new Series(moments)
  readonly #plots = new Plots(byId('plot-grid'))
  readonly #tables = new Tables()
  readonly #letters = new LettersView()
  readonly #tail = new TailView()
  readonly #access = new AccessView(() => this.#askNow())
  #timer = 0
  #question = 0
  #turn = 0
  #hasManyFiles = false
  #answeredMs: number | undefined

  start(): void {
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) this.#askNow()
    })
    this.#askNow()
  }

  #askNow(): void {
    clearTimeout(this.#timer)
    this.#turn = 0
    void this.#ask()
  }

  async #ask(): Promise<void> {
    // The answer to an older question must not come after that to a newer one.
    const question = (this.#question += 1)
    const withFiles = !this.#hasManyFiles || this.#turn % manyFilesEvery === 0
    this.#turn += 1
    try {
      const query = [this.#series.query, withFiles ? '' : 'files=0'].filter((part) => part !== '').join('&')
      const state = await askJson<PageState>(`/page-state?${query}`)
      if (question !== this.#question) return
      this.#show(state)
    } catch (error) {
      if (question !== this.#question) return
      this.#failed(error)
    }
    this.#timer = setTimeout(() => {
      if (!document.hidden) void this.#ask()
    }, everyMs)
  }

  #show(state: PageState): void {
    this.#answeredMs = Date.now()
    byId('trouble').hidden = true
    setText(byId('as-of'), `as of ${timeOfDay(this.#answeredMs)}`)
    const { files, files_total: total } = state.status
    if (total !== undefined) this.#hasManyFiles = total > files.length && state.access.paths
    this.#series.add(state.history)
    showHealth(state)
    this.#access.show(state)
    this.#plots.show(this.#series)
    this.#tables.show(state)
    showTroubles(state)
    this.#letters.show(state)
    this.#tail.show(state)
  }

  #failed(error: unknown): void {
    if (error instanceof Refusal && error.status === 401 && shownToken() !== '') this.#access.refused()
    const since = this.#answeredMs === undefined ? '' : ` since ${timeOfDay(this.#answeredMs)}`
    const said =
      error instanceof Refusal ? `The agent refuses: ${error.message}` : `No answer from the agent${since}`
    byId('trouble').hidden = false
    setText(byId('trouble'), `${said}; trying again. What is below is from before.`)
  }
}

new Page().start()
