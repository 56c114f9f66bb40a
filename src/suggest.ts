/** Nearest names for what was mistyped. */
import { closest, distance } from 'fastest-levenshtein'

/** The candidate nearest to `word`, or null when none is near enough to be what was meant. */
export function nearest(word: string, candidates: readonly string[]): string | null {
  if (candidates.length === 0) return null
  const lower = candidates.map(candidate => candidate.toLowerCase())
  const found = candidates[lower.indexOf(closest(word.toLowerCase(), lower))] as string
  // Two letters swapped are a distance of two: the commonest slip, even in a short word.
  const length = Math.max(word.length, found.length)
  const limit = length <= 2 ? 1 : Math.max(2, Math.floor(length / 3))
  return distance(word.toLowerCase(), found.toLowerCase()) <= limit ? found : null
}

/** ` (did you mean 'x'?)`, or nothing. */
export function suggestion(word: string, candidates: readonly string[]): string {
  const found = nearest(word, candidates)
  return found === null ? '' : ` (did you mean '${found}'?)`
}
