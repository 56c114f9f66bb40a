// Figures: measured in turns with what they are printed beside, the answer checked before anything is printed.

const middle = sorted => sorted[Math.floor(sorted.length / 2)]

/**
 * Runs contenders in turns, `repeats` times each after `warmups`: `{ name: async () => ({ seconds, answer, … }) }`.
 * Resolves with `{ name: { best, median, all, last } }` in seconds. An answer that changes between runs is an error.
 */
export async function interleave(contenders, repeats, warmups = 1) {
  const names = Object.keys(contenders)
  const found = Object.fromEntries(names.map(name => [name, { all: [], last: null }]))
  for (let round = -warmups; round < repeats; round++) {
    for (const name of names) {
      const run = await contenders[name]()
      const { last } = found[name]
      if (last !== null && last.answer !== run.answer) {
        throw new Error(`${name} answered ${run.answer} after ${last.answer}`)
      }
      found[name].last = run
      if (round >= 0) found[name].all.push(run.seconds)
    }
  }
  for (const each of Object.values(found)) {
    const sorted = each.all.toSorted((a, b) => a - b)
    each.best = sorted[0]
    each.median = middle(sorted)
  }
  return found
}

/** The median of the ratios of neighbouring runs: how many times as fast the candidate is. */
export function ratioOf(baseline, candidate) {
  const ratios = baseline.all.map((seconds, index) => seconds / candidate.all[index])
  return middle(ratios.sort((a, b) => a - b))
}

const rounded = (value, digits = 4) => Number(value.toPrecision(digits))

/** A rate: items a second, more is better. `target` in items a second, `targetRatio` beside the baseline. */
export function rate({ name, baseline, unit, items, target, targetRatio, candidate, beside, note }) {
  const best = items / candidate.best
  const ratio = ratioOf(beside, candidate)
  return {
    name,
    baseline,
    unit,
    items,
    best: Math.round(best),
    median: Math.round(items / candidate.median),
    baselineBest: Math.round(items / beside.best),
    baselineMedian: Math.round(items / beside.median),
    ratio: rounded(ratio),
    target: target ?? null,
    targetRatio: targetRatio ?? null,
    reached: (target === undefined || best >= target) && (targetRatio === undefined || ratio >= targetRatio),
    answer: candidate.last.answer,
    ...(note === undefined ? {} : { note }),
  }
}

/** A cost: nanoseconds, milliseconds, megabytes; less is better. Values in `unit`, lists of one a run. */
export function cost({ name, baseline, unit, values, beside, target, answer, note }) {
  const sorted = values.toSorted((a, b) => a - b)
  const other = (beside ?? []).toSorted((a, b) => a - b)
  return {
    name,
    baseline,
    unit,
    best: rounded(sorted[0]),
    median: rounded(middle(sorted)),
    baselineBest: other.length === 0 ? null : rounded(other[0]),
    baselineMedian: other.length === 0 ? null : rounded(middle(other)),
    ratio: null,
    target: target ?? null,
    targetRatio: null,
    lessIsBetter: true,
    reached: target === undefined || sorted[0] <= target,
    ...(answer === undefined ? {} : { answer }),
    ...(note === undefined ? {} : { note }),
  }
}
