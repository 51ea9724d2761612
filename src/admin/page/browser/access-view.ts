import type { PageState } from './agent-state.ts'
import { askJson, keepToken, Refusal } from './ask.ts'
import { byId, element, setText } from './elements.ts'

/** What this viewer may not see, why, and how to open it. */
export class AccessView {
  readonly #text = element('p', { id: 'access-text' })
  readonly #input = element('input', {
    id: 'token',
    type: 'password',
    autocomplete: 'off',
    spellcheck: 'false',
    'aria-describedby': 'access-text token-problem',
  })
  readonly #problem = element('p', { id: 'token-problem', class: 'bad-text', role: 'alert' })
  readonly #form: HTMLFormElement
  readonly #forget = element('button', { type: 'button' }, 'Forget the token')
  readonly #changed: () => void

  /** `changed`: another token is shown from now on, or none. */
  constructor(changed: () => void) {
    this.#changed = changed
    const label = element('label', { for: 'token' }, 'admin.token')
    this.#form = element('form', {}, label, this.#input, element('button', { type: 'submit' }, 'Open'))
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault()
      void this.#try(this.#input.value.trim())
    })
    this.#forget.addEventListener('click', () => {
      keepToken('')
      changed()
    })
    byId('access').append(this.#text, this.#form, this.#forget, this.#problem)
    this.#form.hidden = true
    this.#forget.hidden = true
  }

  show({ access }: PageState): void {
    this.#form.hidden = access.contents || !access.has_token
    this.#forget.hidden = !access.contents
    setText(this.#text, textFor(access))
    byId('access').className = access.contents ? 'access open' : 'access'
  }

  /** The token that was kept is not the agent's any more. */
  refused(): void {
    keepToken('')
    setText(this.#problem, 'The token was refused: it is not admin.token of the config (any more).')
  }

  async #try(token: string): Promise<void> {
    setText(this.#problem, '')
    if (token === '') return setText(this.#problem, 'Type the token first.')
    if (!/^[\x21-\x7e]+$/.test(token)) {
      return setText(
        this.#problem,
        'A token that a browser can send has no spaces, and no letters beyond ASCII.',
      )
    }
    try {
      const { access } = await askJson<PageState>('/page-state?files=0', token)
      if (!access.contents) return setText(this.#problem, 'The agent has no token (any more).')
      keepToken(token)
      this.#input.value = ''
      this.#changed()
    } catch (error) {
      const said = error instanceof Refusal ? error.message : 'no answer from the agent'
      setText(this.#problem, `Not opened: ${said}.`)
    }
  }
}

function textFor({ contents, has_token: hasToken, paths }: PageState['access']): string {
  if (contents) return 'Opened by the token, for this tab: live tail and dead letters are shown.'
  const hidden = paths
    ? 'Hidden: event contents (live tail, dead letters).'
    : 'Hidden: event contents (live tail, dead letters), file paths, and texts of servers.'
  const how = hasToken
    ? isPlain()
      ? 'Type admin.token of the config to open them. This page came without encryption: whoever is on the way reads the token too, so better ask through an SSH tunnel or TLS.'
      : 'Type admin.token of the config to open them; it stays in this tab.'
    : 'This agent has no token. To open them set "admin": { "token": "…" } in its config, 8 characters or more, and save: it takes it over by itself. On its host logferry tap and logferry dlq show need none.'
  return `${hidden} ${how}`
}

const isPlain = (): boolean =>
  location.protocol === 'http:' && !/^(?:127\.|localhost$|\[::1\]$)/.test(location.hostname)
