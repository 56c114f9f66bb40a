/** The list of fills: what each was, and the command that says why it happened. */
import type { ReportData } from './data.ts'
import { decimalsOf, escapeHtml as e, formatMoney, formatNumber, formatTime } from './format.ts'

/** Most fills that are listed. */
export const MOST_FILLS = 1_000

/** The fills, sortable by every column; nothing where orders have no numbers. */
export function fills(data: ReportData): string {
  const numbers = data.fills.order
  const count = data.fills.time.length
  if (numbers === undefined || count === 0) return ''
  const listed = Math.min(count, MOST_FILLS)
  const all =
    count > listed
      ? `The first ${formatNumber(listed)} of ${formatNumber(count)} are shown; all are in trades.parquet.`
      : `${formatNumber(count)} in all. Select a column head to sort.`
  const told =
    data.explain === undefined
      ? all
      : `${all} The command of a row says what its order met at the venue, and which rule filled it.`
  const heads = ['#', 'Time (UTC)', 'Strategy', 'Instrument', 'Side', 'Quantity', 'Price', 'Liquidity', 'Fee', 'Order']
  if (data.explain !== undefined) heads.push('Why')
  const text = new Set(['Time (UTC)', 'Strategy', 'Instrument', 'Side', 'Liquidity', 'Why'])
  const head = heads
    .map(
      name => `<th scope="col"${text.has(name) ? '' : ' class="num"'}><button type="button">${e(name)}</button></th>`,
    )
    .join('')
  const rows = Array.from({ length: listed }, (_, at) => fillRow(data, at, numbers[at] as number)).join('')
  return `<section class="card"><h2 id="fills-title">Fills</h2><p class="note">${e(told)}</p>
<div class="scroll tall" tabindex="0" role="region" aria-labelledby="fills-title"><table class="sortable" id="fills"><thead><tr>${head}</tr></thead><tbody>${rows}</tbody></table></div></section>`
}

function fillRow(data: ReportData, at: number, order: number): string {
  const columns = data.fills
  const instrument = data.instruments[columns.instrument[at] as number]
  const decimals = decimalsOf(Math.max(instrument?.tickSize ?? 0.01, 1e-4))
  const sorted = (value: number, text: string): string => `<td class="num" data-v="${value}">${text}</td>`
  const time = columns.time[at] as number
  const price = columns.price[at] as number
  const quantity = columns.quantity[at] as number
  const fee = columns.fee?.[at]
  const strategy = data.strategies[columns.strategy[at] as number] ?? ''
  const side = columns.side[at] === 1 ? 'sell' : 'buy'
  const liquidity = columns.liquidity[at] === 1 ? 'taker' : 'maker'
  const command = explainCommand(data, strategy, order)
  const why =
    data.explain === undefined
      ? ''
      : `<td>${command === null ? 'closed at the end' : `<code>${e(command)}</code>`}</td>`
  const number = order === 0 ? '<td class="num" data-v="0">–</td>' : sorted(order, String(order))
  return `<tr id="fill-${at + 1}">${sorted(at + 1, String(at + 1))}<td class="time" data-v="${time}">${formatTime(time, true)}</td><td>${e(strategy)}</td><td>${e(instrument?.symbol ?? '')}</td><td class="${side === 'buy' ? 'long' : 'short'}">${side}</td>${sorted(quantity, formatNumber(quantity))}${sorted(price, formatNumber(price, decimals, decimals + 2))}<td>${liquidity}</td>${fee === undefined ? '<td></td>' : sorted(fee, formatMoney(fee))}${number}${why}</tr>`
}

/** What to type to have an order explained; null for the closing at the end, which no order asked for. */
export function explainCommand(data: ReportData, strategy: string, order: number): string | null {
  if (data.explain === undefined || order === 0) return null
  const which = data.strategies.length > 1 ? ` --strategy ${shellWord(strategy)}` : ''
  return `${data.explain}${which} --order ${order}`
}

/** A word as a shell takes it. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
