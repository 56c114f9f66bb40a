import { describe, expect, it } from 'vitest'
import { MatchCommand, type MatchEvent, MatchingEngine, type MatchOrder } from '../src/core/index.ts'
import { TickforgeError } from '../src/errors.ts'

const limit = (id: number, side: 'buy' | 'sell', price: number, quantity: number): MatchOrder => ({
  id,
  participant: id,
  side,
  price,
  quantity,
})

const trades = (events: readonly MatchEvent[]): [unknown, number, number][] =>
  events
    .flatMap(event => (event.kind === 'traded' ? [[event.maker, event.price, event.quantity] as const] : []))
    .map(([maker, price, quantity]) => [maker, price, quantity])

const codeOf = (work: () => unknown): string => {
  try {
    work()
  } catch (error) {
    if (error instanceof TickforgeError) return error.code
    throw error
  }
  return 'done'
}

describe('the matching engine', () => {
  it('matches by price and time, on a grid of prices and quantities', () => {
    const engine = new MatchingEngine({ tickSize: '0.01', lotSize: 0.001 })
    engine.submit(limit(1, 'sell', 10.02, 0.5))
    engine.submit(limit(2, 'sell', 10.01, 0.25))
    engine.submit({ ...limit(3, 'sell', 10.01, 1), display: 0.1 })
    expect(engine.depth(5).asks).toEqual([
      { price: 10.01, quantity: 0.35, count: 2 },
      { price: 10.02, quantity: 0.5, count: 1 },
    ])
    expect(engine.leaves(3)).toBe(1)
    const events = engine.submit(limit(4, 'buy', 10.01, 0.4))
    expect(trades(events)).toEqual([
      [2, 10.01, 0.25],
      [3, 10.01, 0.1],
      [3, 10.01, 0.05],
    ])
    expect(events.at(-1)).toMatchObject({ kind: 'traded', taker: 4, makerLeaves: 0.85, takerLeaves: 0 })
    expect([engine.lastPrice, engine.leaves(99)]).toEqual([10.01, undefined])
  })

  it('keeps a place when an order shrinks, and answers what it refuses', () => {
    const engine = new MatchingEngine({ tickSize: 1 })
    engine.submit(limit(1, 'buy', 100, 5))
    engine.submit(limit(2, 'buy', 100, 5))
    expect(engine.modify(1, 1, { quantity: 4, price: 100 })).toEqual([
      { kind: 'modified', id: 1, price: 100, leaves: 4, keptPriority: true, command: 0 },
    ])
    engine.modify(1, 1, { quantity: 6, price: 100 })
    expect(engine.orders('buy').map(order => order.id)).toEqual([2, 1])
    expect(engine.cancel(9, 1)).toEqual([{ kind: 'rejected', id: 1, code: 'ERR_MATCHING_NOT_OWNER', command: 0 }])
    expect(engine.cancel(1, 1)).toEqual([
      { kind: 'canceled', id: 1, quantity: 6, leaves: 0, cause: 'requested', command: 0 },
    ])
    const large = 2n ** 60n
    engine.submit({ ...limit(1, 'buy', 99, 1), id: large, participant: 2 })
    expect(engine.massCancel(2).map(event => 'id' in event && event.id)).toEqual([2, large])
  })

  it('takes commands in batches, all or none of them', () => {
    const engine = new MatchingEngine({ tickSize: 0.5 })
    const commands = {
      kind: Uint8Array.of(MatchCommand.submit, MatchCommand.submit, MatchCommand.modify, MatchCommand.cancel),
      id: BigUint64Array.of(1n, 2n, 1n, 1n),
      participant: Uint32Array.of(1, 2, 1, 1),
      side: Uint8Array.of(1, 0, 0, 0),
      price: Float64Array.of(10, Number.NaN, 10.5, 0),
      quantity: Float64Array.of(5, 2, 3, 0),
    }
    const wrong = { ...commands, price: Float64Array.of(10, Number.NaN, 10.25, 0) }
    expect(() => engine.apply(wrong)).toThrow(/row 2: price 10.25/)
    expect(engine.depth(1)).toEqual({ bids: [], asks: [] })
    const events = engine.apply(commands)
    expect(events.map(({ kind, command }) => `${command} ${kind}`)).toEqual([
      '0 accepted',
      '1 accepted',
      '1 traded',
      '2 modified',
      '3 canceled',
    ])
    expect(codeOf(() => engine.apply({ ...commands, side: new Uint8Array(3) }))).toBe('ERR_ORDER_OPTION')
  })

  it('keeps own orders apart, and serves lead market makers', () => {
    const engine = new MatchingEngine({ tickSize: 1, selfTradePrevention: 'cancelOldest' })
    engine.submit({ ...limit(1, 'sell', 100, 5), participant: 7 })
    expect(engine.submit({ ...limit(2, 'buy', 100, 5), participant: 7 })).toEqual([
      { kind: 'accepted', id: 2, command: 0 },
      { kind: 'canceled', id: 1, quantity: 5, leaves: 0, cause: 'selfTrade', command: 0 },
    ])
    const makers = [{ participant: 2, percent: 40 }]
    const lead = new MatchingEngine({ tickSize: 1, allocation: { leadMarketMakers: { top: false, makers } } })
    lead.submit(limit(1, 'buy', 100, 50))
    lead.submit(limit(2, 'buy', 100, 50))
    expect(trades(lead.submit({ id: 3, participant: 3, side: 'sell', quantity: 10 }))).toEqual([
      [2, 100, 4],
      [1, 100, 6],
    ])
  })

  it('halts, gathers and uncrosses', () => {
    const engine = new MatchingEngine({ tickSize: 1, ordersDuringHalt: true })
    engine.setPhase('halted')
    engine.submit(limit(1, 'buy', 101, 5))
    engine.submit(limit(2, 'sell', 100, 3))
    expect(engine.indication(100)).toEqual({ price: 101, quantity: 3, surplus: 2 })
    const events = engine.uncross()
    expect(trades(events)).toEqual([[2, 101, 3]])
    expect([engine.phase, engine.indication()]).toEqual(['continuous', undefined])
    engine.submit({ ...limit(3, 'buy', 90, 1), timeInForce: 'DAY' })
    expect(engine.setPhase('closed')).toMatchObject([{ kind: 'canceled', id: 3, cause: 'expired' }])
  })

  it('throws for what no order, option or phase can be', () => {
    const engine = new MatchingEngine({ tickSize: 0.5 })
    const codes = [
      () => new MatchingEngine({ tickSize: 0 }),
      () => new MatchingEngine({ tickSize: 1, alocation: 'priceTime' } as never),
      () => new MatchingEngine({ tickSize: 1, allocation: 'fifo' as never }),
      () => new MatchingEngine({ tickSize: 1, selfTradePrevention: 'yes' as never }),
      () => new MatchingEngine({ tickSize: 1, allocation: { proRata: { least: 0 } } }),
      () => engine.submit({ ...limit(1, 'buy', 1, 1), side: 'long' as never }),
      () => engine.submit({ ...limit(1, 'buy', 1, 1), timeInForce: 'GTD' as never }),
      () => engine.submit({ ...limit(1, 'buy', 1, 1), participant: -1 }),
      () => engine.submit({ ...limit(1, 'buy', 1, 1), id: 1.5 }),
      () => engine.setPhase('open' as never),
      () => engine.depth(-1),
    ].map(codeOf)
    expect(codes.slice(1)).toEqual(codes.slice(1).map(() => 'ERR_ORDER_OPTION'))
    expect(codeOf(() => engine.submit(limit(1, 'buy', 0.25, 1)))).toBe('ERR_ORDER_OFF_TICK')
    expect(codeOf(() => engine.submit(limit(1, 'buy', 1, 0.5)))).toMatch(/ERR_ORDER_(QUANTITY|OFF_LOT)/)
    const makers = [
      { participant: 1, percent: 30 },
      { participant: 2, percent: 30 },
    ]
    expect(codeOf(() => new MatchingEngine({ tickSize: 1, allocation: { leadMarketMakers: { makers } } }))).toBe(
      'ERR_VENUE_SETTING',
    )
  })
})
