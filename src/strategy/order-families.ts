/** Orders that hang together: brackets, one-triggers-other, one-cancels-other, one-updates-other. */
import { CommandFlag, TermFlag } from './columns.ts'
import type { Instrument, Side } from './instrument.ts'
import type { OrderHandle } from './order-handle.ts'
import { type OrderAmount, OrderDraft, readExit, readOrder, type SubmitOptions } from './order-options.ts'
import { checkOptions, refusedOption } from './order-refusals.ts'
import { type OrderTerms, termKeys } from './order-terms.ts'
import type { StrategyState } from './strategy-state.ts'

/** An order that closes what an entry opens: for all of its quantity, unless it says otherwise. */
export type ExitOptions = OrderTerms & { readonly quantity?: number }

/** An entry with the orders that close it. */
export type BracketOptions = OrderAmount &
  OrderTerms & {
    readonly side: 'buy' | 'sell'
    /** Where the profit is taken: usually `{ price }`. */
    readonly takeProfit?: ExitOptions
    /** Where the loss is cut: usually `{ stopPrice }` or `{ trail }`. */
    readonly stopLoss?: ExitOptions
  }

/** The orders of a bracket. */
export interface Bracket {
  readonly entry: OrderHandle
  readonly takeProfit: OrderHandle | undefined
  readonly stopLoss: OrderHandle | undefined
}

/** A child of another order: the side, and what it is; for all that its parent fills unless it names a quantity. */
export type ChildOptions = ExitOptions & { readonly side: 'buy' | 'sell' }

interface Member {
  readonly draft: OrderDraft
  readonly side: Side
}

const exitKeys: readonly string[] = ['quantity', ...termKeys]
const childKeys: readonly string[] = ['side', ...exitKeys]
const mostMembers = 200

/** Enters with an exit on one or both sides: as much of them works as the entry has been filled. */
export function submitBracket(state: StrategyState, instrument: Instrument, options: BracketOptions): Bracket {
  if (typeof options !== 'object' || options === null) throw refusedOption('bracket', options, 'an object')
  const { takeProfit, stopLoss, side, ...order } = options
  checkSide('bracket.side', side)
  if (takeProfit === undefined && stopLoss === undefined) {
    throw refusedOption('bracket', 'no exit', 'takeProfit, stopLoss, or both')
  }
  const entry = new OrderDraft()
  readOrder(entry, instrument, 'bracket', side, order as SubmitOptions)
  const exitSide = side === 'buy' ? 'sell' : 'buy'
  const exits: Member[] = []
  for (const [name, exit] of Object.entries({ takeProfit, stopLoss })) {
    if (exit === undefined) continue
    checkOptions(exit, name, exitKeys)
    const draft = new OrderDraft()
    readExit(draft, instrument, name, exitSide, { reduceOnly: true, ...exit })
    if (draft.type === 'market') throw refusedOption(name, 'a market order', 'a price, a stopPrice, or a trail')
    exits.push({ draft, side: exitSide })
  }
  const handles = submitChildren(state, instrument, { draft: entry, side }, exits, exits.length > 1)
  return {
    entry: handles[0]!,
    takeProfit: takeProfit === undefined ? undefined : handles[1],
    stopLoss: stopLoss === undefined ? undefined : handles[handles.length - 1],
  }
}

/** One triggers the other: the children work for as much as the parent has been filled. Parent first. */
export function submitParent(
  state: StrategyState,
  instrument: Instrument,
  parent: SubmitOptions,
  children: readonly ChildOptions[],
): OrderHandle[] {
  checkSide('oto.side', parent?.side)
  checkMembers('oto', children, 1)
  const first = new OrderDraft()
  readOrder(first, instrument, 'submit', parent.side, parent)
  const members = children.map(child => {
    checkOptions(child, 'oto', childKeys)
    checkSide('oto.side', child.side)
    const draft = new OrderDraft()
    const { side, ...exit } = child
    readExit(draft, instrument, 'oto', side, exit)
    return { draft, side }
  })
  return submitChildren(state, instrument, { draft: first, side: parent.side }, members, false)
}

/** Peers: one cancels the others, or one takes its fills from the others' quantity. */
export function submitPeers(
  state: StrategyState,
  instrument: Instrument,
  call: 'oco' | 'ouo',
  orders: readonly SubmitOptions[],
): OrderHandle[] {
  checkMembers(call, orders, 2)
  const members = orders.map(order => {
    checkSide(`${call}.side`, order?.side)
    const draft = new OrderDraft()
    readOrder(draft, instrument, 'submit', order.side, order)
    if (Number.isNaN(draft.amount) || (draft.flags & (CommandFlag.cash | CommandFlag.fraction)) !== 0) {
      throw refusedOption(`${call}.quantity`, order.quantity, 'a quantity')
    }
    return { draft, side: order.side }
  })
  const first = state.nextOrder
  for (const { draft } of members) joinPeers(draft, first, members.length, call === 'ouo')
  return submitAll(state, instrument, members)
}

function submitChildren(
  state: StrategyState,
  instrument: Instrument,
  parent: Member,
  children: readonly Member[],
  arePeers: boolean,
): OrderHandle[] {
  const number = state.nextOrder
  parent.draft.terms.flags |= children.length << TermFlag.childrenShift
  parent.draft.flags |= CommandFlag.terms
  for (const { draft } of children) {
    draft.terms.parent = number
    draft.flags |= CommandFlag.terms
    if (arePeers) joinPeers(draft, number + 1, children.length, true)
  }
  return submitAll(state, instrument, [parent, ...children])
}

function joinPeers(draft: OrderDraft, first: number, count: number, update: boolean): void {
  draft.terms.group = first
  draft.terms.flags |= (count << TermFlag.peersShift) | (update ? TermFlag.ouo : 0)
  draft.flags |= CommandFlag.terms
}

function submitAll(state: StrategyState, instrument: Instrument, members: readonly Member[]): OrderHandle[] {
  state.commands.reserve(members.length)
  return members.map(({ draft, side }) => state.submit(instrument, side, draft))
}

function checkSide(option: string, side: unknown): asserts side is Side {
  if (side !== 'buy' && side !== 'sell') throw refusedOption(option, side, "'buy' or 'sell'")
}

function checkMembers(call: string, members: unknown, least: number): void {
  if (Array.isArray(members) && members.length >= least && members.length <= mostMembers) return
  throw refusedOption(call, members, `a list of ${least} to ${mostMembers} orders`)
}
