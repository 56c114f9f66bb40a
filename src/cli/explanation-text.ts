/** Explanations as text for people. */
import type pc from 'picocolors'
import type {
  ExplanationLine,
  JournalEntry,
  Look,
  LookLevel,
  MarketLook,
  OrderExplanation,
} from '../backtest/explanation.ts'
import type { Parting } from './comparison.ts'

type Colours = ReturnType<typeof pc.createColors>

/** Lines of a table that are shown without `--all`: the first and the last of them. */
const shownFirst = 25
const shownLast = 25

/** The rule behind a fill, by its cause. */
const rules: Readonly<Record<string, string>> = {
  taken: 'it took what the other side of the market offered',
  behind_in_queue: 'volume was executed behind it in the queue of its price',
  traded_through: 'volume traded beyond its price',
  other_side_arrived: 'an order of the other side arrived at or through its limit',
  unaccounted: 'an aggressor had more volume than the recorded orders account for',
  passed_on: 'what was executed ahead of it an own order had taken before, so that it passed on',
  pro_rata: 'its share of the traded volume under the pro-rata model',
  front_passed: 'a trade at its price was larger than what stood ahead of it',
  quote_reached: "the other side's display came to its limit or through it",
  touched: 'its limit was touched, and the model at touch fills it',
  open_beyond: 'the bar opened beyond its limit',
  bar_through: 'the price went through its limit inside the bar',
  at_open: 'a market order executes at the open of the bar',
  at_session: 'it was for the open or close of the session',
}

/** Where an executed order stood, by the cause. */
const executions: Readonly<Record<string, string>> = {
  ahead: 'ahead of this order',
  behind: 'behind this order',
  beyond: 'at a price beyond its own',
}

/** What moved a queue, by its cause. */
const movers: Readonly<Record<string, string>> = {
  placed: 'takes its place at the back',
  left: 'leaves the queue',
  canceled: 'cancel ahead',
  executed: 'execution ahead',
  modified: 'change ahead',
  cleared: 'the venue cleared its book',
  snapshot: 'a snapshot lists the book anew',
  resized: 'the level is displayed with another size',
  traded: 'a trade took from ahead of it',
}

/** One order, line by line. */
export function orderText(order: OrderExplanation, all: boolean, colours: Colours): string {
  const price = order.price === null ? '' : ` @ ${order.price}`
  const filled = order.filled > 0 && order.filled < order.quantity ? `, ${order.filled} filled` : ''
  const title = `order ${order.number} of ${order.strategy}: ${order.side} ${order.quantity} ${order.symbol}${price} (${order.type}): ${order.status}${filled}`
  const days = new Set(order.lines.map(({ time }) => stamp(time).slice(0, 10)))
  const single = days.size === 1
  const rows = order.lines.map(line => [
    single ? clock(line.time) : stamp(line.time).slice(0, -1).replace('T', ' '),
    line.place,
    said(line),
    line.ahead === null ? '' : ahead(line.ahead, line.ordersAhead),
    line.bid === null && line.ask === null ? '' : `${line.bid ?? '–'} / ${line.ask ?? '–'}`,
  ])
  const head = [`${single ? [...days][0] : 'time'}, UTC`, 'where', 'what', 'ahead', 'bid / ask']
  const lines = table(head, rows)
  const hidden = rows.length - shownFirst - shownLast
  if (!all && hidden > 5) {
    lines.splice(1 + shownFirst, hidden, `… ${hidden} more lines: --all shows them`)
  }
  const omitted = order.omitted > 0 ? [`${order.omitted} lines found no room and are left out`] : []
  return [colours.bold(title), verdict(order), '', colours.dim(lines[0] as string), ...lines.slice(1), ...omitted].join(
    '\n',
  )
}

/** What decided, in one sentence. */
export function verdict(order: OrderExplanation): string {
  const fills = order.lines.filter(({ step }) => step === 'filled')
  const end = order.lines.findLast(({ step }) => ['filled', 'canceled', 'expired', 'rejected', 'denied'].includes(step))
  const reasons = [...new Set(fills.map(({ cause }) => rules[cause ?? ''] ?? 'the run closed what was open'))]
  const because = fills.length > 0 ? `filled because ${reasons.join('; then because ')}` : ''
  if (end === undefined) return because === '' ? 'it was still on its way when the run ended' : because
  if (end.step === 'filled') return because
  const last = order.lines.findLast(line => line.ahead !== null && line.step !== 'queue')
  const waiting = last?.ahead == null ? '' : `, with ${ahead(last.ahead, last.ordersAhead)} ahead of it`
  const ending = {
    canceled: `cancelled (${end.reason})${waiting}`,
    expired: `expired${waiting}`,
    rejected: `rejected by the venue (${end.reason})`,
    denied: `kept back by the risk checks (${end.reason})`,
  }[end.step as 'canceled' | 'expired' | 'rejected' | 'denied']
  return because === '' ? `not filled: ${ending}` : `${because}; the rest was ${ending}`
}

function said(line: ExplanationLine): string {
  const { step, cause, reason, record } = line
  const size = `${line.quantity ?? '?'}${line.price === null ? '' : ` @ ${line.price}`}`
  const from = record === null ? '' : ` (order ${record})`
  switch (step) {
    case 'submitted':
      return `sends ${size}`
    case 'modify_requested':
      return 'asks for a change'
    case 'cancel_requested':
      return 'asks for its cancel'
    case 'arrived':
      return arrival(line, size)
    case 'queue':
      return `queue: ${movers[cause ?? ''] ?? cause}${cause === 'resized' ? `: ${line.quantity}` : from}`
    case 'trade':
      return cause === 'far_end' ? `the bar comes to ${line.price}, volume ${line.quantity}` : `trade ${size}`
    case 'execution':
      return `  of it ${line.quantity} ${executions[cause ?? ''] ?? cause}${from}`
    case 'crossing': {
      const free = line.quantity === 0 ? 'own orders had all of it before' : `${line.quantity} of it are free`
      return `an order of the other side arrives at ${line.price}: ${free}${from}`
    }
    case 'match':
      return `  given ${size}: ${rules[cause ?? ''] ?? cause}`
    case 'withheld':
      return 'touched, and the draw at touch said no'
    case 'filled':
      return `FILLED ${size}, ${line.liquidity}, ${line.leaves} left: ${rules[cause ?? ''] ?? 'closed at the end of the run'}`
    default: {
      const to = step === 'modified' || step === 'restated' ? ` to ${line.quantity}` : ''
      const at = line.price === null ? '' : ` @ ${line.price}`
      return `${step.replace('_', ' ')}${to}${at}${reason === null ? '' : ` (${reason})`}`
    }
  }
}

/** A command that reaches the venue. */
function arrival({ cause, quantity, price, trigger }: ExplanationLine, size: string): string {
  const waits = trigger === null ? '' : `, waits for ${trigger}`
  if (cause === 'expire') return 'its time is over'
  if (cause === 'submit') return `order arrives: ${size}${waits}`
  const asks = [
    ...(quantity === null ? [] : [`quantity ${quantity}`]),
    ...(price === null ? [] : [`price ${price}`]),
    ...(trigger === null ? [] : [`trigger ${trigger}`]),
  ]
  return asks.length === 0 ? `${cause} arrives` : `${cause} arrives: ${asks.join(', ')}`
}

/** Books and accounts at a moment. */
export function lookText(look: Look, colours: Colours): string {
  const parts = [colours.bold(`at ${stamp(look.time)}`)]
  for (const market of look.markets) parts.push(marketText(market))
  for (const account of look.accounts) {
    const equity = account.equity === null ? 'n/a' : String(account.equity)
    const held = account.positions.map(({ symbol, quantity, averageEntryPrice, realized }) => {
      const average = averageEntryPrice === null ? '' : ` at ${averageEntryPrice}`
      return `  ${symbol}: ${quantity}${average}, realised ${realized}`
    })
    parts.push([`account ${account.account}: cash ${account.cash}, equity ${equity}`, ...held].join('\n'))
  }
  return parts.join('\n\n')
}

function marketText(market: MarketLook): string {
  const cells = (level: LookLevel | undefined): string[] =>
    level === undefined
      ? ['', '', '']
      : [level.orders === 0 ? '' : `${level.orders}`, `${level.quantity}`, `${level.price}`]
  const depth = Math.max(market.bids.length, market.asks.length)
  const rows = Array.from({ length: depth }, (_, at) => [
    ...cells(market.bids[at]),
    ...cells(market.asks[at]).reverse(),
  ])
  const book = table(['orders', 'bid size', 'bid', 'ask', 'ask size', 'orders'], rows)
  const own = market.own.map(order => {
    const price = order.price === null ? 'market' : `@ ${order.price}`
    const place = order.ahead === null ? '' : `, ${ahead(order.ahead, order.ordersAhead)} ahead`
    return `  ${order.strategy} ${order.order}: ${order.side} ${order.quantity - order.filled} ${price}${place}`
  })
  const waiting = market.waiting === 0 ? [] : [`  ${market.waiting} wait for a trigger or a parent`]
  const orders = own.length + waiting.length === 0 ? ['own orders: none'] : ['own orders:', ...own, ...waiting]
  return [market.symbol, ...(depth === 0 ? ['  no market'] : book), ...orders].join('\n')
}

/** Where two results part. */
export function partingText(parting: Parting, colours: Colours): string {
  const { same, settings, common, before, a, b, fields, stateHashes } = parting
  const lines = settings.map(({ setting, a, b }) => `setting ${setting}: A ${show(a)}, B ${show(b)}`)
  if (same) return [...lines, `the same run: ${common} order events, state hash ${stateHashes[0]}`].join('\n')
  lines.push(`state hashes: A ${stateHashes[0]}`, `              B ${stateHashes[1]}`, '')
  if (a === null && b === null) {
    lines.push(`all ${common} order events are the same: they part in what accounts were paid or charged`)
    return lines.join('\n')
  }
  const where = fields.length === 0 ? '' : `, in ${fields.join(', ')}`
  lines.push(colours.bold(`they part at order event ${common + 1}${where}`))
  lines.push(...before.map(entry => `  =  ${eventText(entry)}`))
  lines.push(`  A  ${a === null ? 'nothing more' : eventText(a)}`, `  B  ${b === null ? 'nothing more' : eventText(b)}`)
  return lines.join('\n')
}

function eventText(entry: JournalEntry): string {
  const price = entry.price === null ? '' : ` @ ${entry.price}`
  const reason = entry.reason === null ? '' : ` (${entry.reason})`
  const fee = entry.fee === null ? '' : `, fee ${entry.fee}`
  return `${stamp(entry.time)} ${entry.strategy} order ${entry.order} ${entry.event.replace('_', ' ')}: ${entry.side} ${entry.quantity} ${entry.symbol}${price}${reason}${fee}`
}

function show(value: unknown): string {
  return value === undefined ? 'absent' : JSON.stringify(value)
}

function ahead(quantity: number, orders: number | null): string {
  const size = Number.isInteger(quantity) ? String(quantity) : quantity.toFixed(3)
  return orders === null ? `~${size}` : `${size} in ${orders}`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((name, at) => Math.max(name.length, ...rows.map(row => (row[at] as string).length)))
  return [head, ...rows].map(row =>
    row
      .map((cell, at) => cell.padEnd(widths[at] as number))
      .join('  ')
      .trimEnd(),
  )
}

function stamp(nanos: string): string {
  const time = BigInt(nanos)
  const second = new Date(Number(time / 1_000_000_000n) * 1000).toISOString().slice(0, 19)
  return `${second}.${String(time % 1_000_000_000n).padStart(9, '0')}Z`
}

function clock(nanos: string): string {
  return stamp(nanos).slice(11, -1)
}
