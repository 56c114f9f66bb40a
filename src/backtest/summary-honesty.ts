/** What a result rests on and hangs on, in words: for the summary and the report. */
import type { Honesty } from './honesty.ts'
import type { StressOutcome } from './stress.ts'

type Row = [string, string]

/** Label and words; nothing without fills. */
export function honestyRows(honesty: Honesty, stress: readonly StressOutcome[]): Row[] {
  const { basisShares, makerShare, profitPerUnit, profitPerMillion, displacedVolume } = honesty
  const rows: Row[] = []
  if (basisShares !== null) {
    const { taken, touch, queue, through } = basisShares
    rows.push(
      [
        'fills rest on',
        `taking ${percent(taken)}, through ${percent(through)}, queue ${percent(queue)}, touch ${percent(touch)}`,
      ],
      ['makers', `${percent(makerShare)} of the fills, displaced volume ${number(displacedVolume)} lots`],
      ['P&L per unit', `${number(profitPerUnit)}, per million traded ${number(profitPerMillion)}`],
    )
  }
  for (const { symbol, ownVolume, participation, capturedSpread, markOuts, tickSize } of honesty.instruments) {
    if (ownVolume === 0) continue
    // In ticks where there is a grid, else in price.
    const unit = tickSize === null ? '' : ' ticks'
    const distance = (price: number | null): string =>
      price === null ? 'n/a' : `${number(tickSize === null ? price : price / tickSize)}${unit}`
    const outs = markOuts.map(({ seconds, all }) => `${distance(all)} after ${seconds} s`)
    rows.push(
      [`${symbol} participation`, participation === null ? 'n/a: no recorded volume' : percent(participation)],
      [`${symbol} captured`, `${distance(capturedSpread)} of spread; mark-out ${outs.join(', ')}`],
    )
  }
  for (const { name, totalPnl, change, lost } of stress) {
    const share = lost === null ? '' : `, ${percent(lost)} of it gone`
    rows.push([`stress: ${name}`, `P&L ${money(totalPnl)} (${change > 0 ? '+' : ''}${money(change)}${share})`])
  }
  return rows
}

function percent(value: number | null): string {
  return value === null ? 'n/a' : `${(value * 100).toFixed(1)} %`
}

function number(value: number | null): string {
  return value === null ? 'n/a' : value.toLocaleString('en-US', { maximumSignificantDigits: 4 })
}

function money(value: number): string {
  return value.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
}
