const storageKey = 'tickforge-report-theme'
const listeners: (() => void)[] = []
let colors = new Map<string, string>()

/** A colour of the page's palette as it is in the present theme. */
export function color(name: string): string {
  let value = colors.get(name)
  if (value === undefined) {
    value = getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim() || 'gray'
    colors.set(name, value)
  }
  return value
}

/** The colour of the palette, see-through: `alpha` from 0 to 1. */
export function tint(name: string, alpha: number): string {
  const percent = Math.round(alpha * 100)
  return `color-mix(in srgb, ${color(name)} ${percent}%, transparent)`
}

/** Calls `listener` whenever the colours changed. */
export function onThemeChange(listener: () => void): void {
  listeners.push(listener)
}

function changed(): void {
  colors = new Map()
  for (const listener of listeners) listener()
}

/** A file opened from a disk may have no storage: then the choice lasts as long as the page. */
function remembered(): string | null {
  try {
    return localStorage.getItem(storageKey)
  } catch {
    return null
  }
}

function remember(theme: string): void {
  try {
    localStorage.setItem(storageKey, theme)
  } catch {
    // See above.
  }
}

/** Starts with the system's theme (or the one chosen before) and wires the switch. */
export function startTheme(button: HTMLElement | null): void {
  const system = matchMedia('(prefers-color-scheme: dark)')
  const chosen = remembered()
  const root = document.documentElement
  if (chosen === 'light' || chosen === 'dark') root.dataset['theme'] = chosen
  system.addEventListener('change', changed)
  button?.addEventListener('click', () => {
    const current = root.dataset['theme'] ?? (system.matches ? 'dark' : 'light')
    const next = current === 'dark' ? 'light' : 'dark'
    root.dataset['theme'] = next
    remember(next)
    changed()
  })
}
