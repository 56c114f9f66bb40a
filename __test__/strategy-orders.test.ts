import { describe, expect, it } from 'vitest'
import { CommandFlag, CommandKind } from '../src/strategy/columns.ts'
import type { Context } from '../src/strategy/context.ts'
import { Instrument } from '../src/strategy/instrument.ts'
import type { OrderHandle } from '../src/strategy/order-handle.ts'
import type { OrderOptions, TargetAmount } from '../src/strategy/order-options.ts'
import { orderStatuses } from '../src/strategy/reasons.ts'
import type { Fill, OrderReport } from '../src/strategy/report-views.ts'
import { Strategy } from '../src/strategy/strategy.ts'
import { type Command, play, report, type Script, type Told, terms } from './strategy-fake-run.ts'

/** Runs `act` in `onStart`, and gives the commands. */
async function commandsOf(act: (ctx: Context) => void, instruments?: Script['instruments']): Promise<Command[]> {
  class Once extends Strategy {
    override onStart(ctx: Context): void {
      act(ctx)
    }
  }
  const script = { strategies: [new Once()], rows: [{ kind: 'start', time: 1000 } as const] }
  const { run } = await play(instruments === undefined ? script : { ...script, instruments })
  return run.all
}

/** Runs calls that throw, and gives `code: message` of each. */
async function refusals(calls: ((ctx: Context) => unknown)[], instruments?: Script['instruments']): Promise<string[]> {
  const found: string[] = []
  const commands = await commandsOf(ctx => {
    for (const call of calls) {
      try {
        call(ctx)
        found.push('nothing')
      } catch (error) {
        found.push(`${(error as { code: string }).code}: ${(error as Error).message}`)
      }
    }
  }, instruments)
  expect(commands).toEqual([])
  return found
}

const { sell, limit, ioc, postOnly, sizeAtFill, cash, fraction, target, risk } = CommandFlag
const future = terms('ESH4', { kind: 'future', tickSize: '0.25', multiplier: '50' })

describe('orders become commands', () => {
  it.each<[string, (ctx: Context) => OrderHandle, Partial<Command>]>([
    ['a market order', ctx => ctx.buy({ quantity: 3 }), { flags: 0, amount: 3 }],
    [
      'a limit in ticks',
      ctx => ctx.sell({ quantity: 2, price: 4800.25, timeInForce: 'IOC' }),
      { flags: sell | limit | ioc, amount: 2, price: 19_201 },
    ],
    [
      'a price counted in ticks',
      ctx => ctx.buy({ quantity: 1, price: ctx.instrument.price(4800).offset(-3), postOnly: true }),
      { flags: limit | postOnly, price: 19_197 },
    ],
    ['cash at the fill', ctx => ctx.buy({ cash: 500 }), { flags: cash | sizeAtFill, amount: 500 }],
    [
      'a percentage at the signal, for a limit',
      ctx => ctx.sell({ percent: 50, price: 4800 }),
      { flags: sell | limit | fraction, amount: 50, price: 19_200 },
    ],
    [
      'cash at the signal, when asked for',
      ctx => ctx.buy({ cash: 500, sizeAt: 'signal' }),
      { flags: cash, amount: 500 },
    ],
    ['a submitted side', ctx => ctx.submit({ side: 'sell', quantity: 1 }), { flags: sell, amount: 1 }],
    ['a target of nothing', ctx => ctx.target({ quantity: 0 }), { flags: target | sizeAtFill, amount: 0 }],
    ['a short target', ctx => ctx.target({ quantity: -4 }), { flags: target | sizeAtFill, amount: -4 }],
    ['a target value', ctx => ctx.target({ value: -1e6 }), { flags: target | cash | sizeAtFill, amount: -1e6 }],
    [
      'a target percentage now',
      ctx => ctx.target({ percent: 95 }, { sizeAt: 'signal' }),
      { flags: target | fraction, amount: 95 },
    ],
    [
      'a target at a limit',
      ctx => ctx.target({ percent: 95 }, { price: 4800 }),
      { flags: target | fraction | limit, amount: 95, price: 19_200 },
    ],
    [
      'a risk target with its stop off the grid',
      ctx => ctx.target({ risk: { fraction: 0.01, stop: 4790.1 } }),
      { flags: target | risk | sizeAtFill, amount: 0.01, stop: 4790.1 },
    ],
  ])('%s', async (_, call, expected) => {
    const commands = await commandsOf(call, [future])
    expect(commands).toHaveLength(1)
    expect(commands[0]).toMatchObject({ kind: CommandKind.submit, number: 1, strategy: 0, instrument: 0, ...expected })
  })

  it('counts numbers from one, targets too', async () => {
    const commands = await commandsOf(ctx => {
      ctx.buy({ quantity: 1 })
      ctx.target({ percent: 1 })
      ctx.sell({ quantity: 1 })
    })
    expect(commands.map(({ number }) => number)).toEqual([1, 2, 3])
  })

  it('takes a tenth and a fifth for three tenths, and any price where there is no grid', async () => {
    const tenths = await commandsOf(
      ctx => {
        ctx.buy({ quantity: 0.1 + 0.2, price: 0.1 + 0.2 })
      },
      [terms('X', { tickSize: '0.1', lotSize: '0.1' })],
    )
    expect(tenths[0]).toMatchObject({ amount: 3, price: 3 })
    const free = await commandsOf(
      ctx => {
        ctx.buy({ quantity: 1, price: 100 * 0.987654321987 })
      },
      [terms('Y', { tickSize: '0.000000001' })],
    )
    expect(free[0]?.price).toBe(98_765_432_199)
  })

  it('modifies only what is named', async () => {
    const commands = await commandsOf(ctx => {
      const order = ctx.buy({ quantity: 5, price: 10 })
      order.modify({ quantity: 3 })
      ctx.modify(order.id, { price: 10.01 })
      ctx.cancel(order)
    })
    const { modify, cancel } = CommandKind
    expect(commands.slice(1).map(({ kind, number, amount, price }) => [kind, number, amount, price])).toEqual([
      [modify, 1, 3, Number.NaN],
      [modify, 1, Number.NaN, 1001],
      [cancel, 1, 0, 0],
    ])
  })

  it('sets timers after a duration or at a time, and replaces one of the same name', async () => {
    const commands = await commandsOf(ctx => {
      expect(ctx.setTimer('1500ms', 'once')).toBe(1)
      expect(ctx.setTimer({ at: new Date(9000) }, 'once')).toBe(1)
      expect(ctx.every('1h')).toBe(2)
      expect([ctx.cancelTimer('once'), ctx.cancelTimer(2), ctx.cancelTimer('other'), ctx.cancelTimer(99)]).toEqual([
        true,
        true,
        false,
        false,
      ])
    })
    expect(commands.map(({ number, at, every }) => [number, at, every]).slice(0, 3)).toEqual([
      [1, 2_500_000_000n, 0n],
      [1, 9_000_000_000n, 0n],
      [2, 3_601_000_000_000n, 3_600_000_000_000n],
    ])
    expect(commands.map(({ kind }) => kind)).toEqual([5, 5, 5, 6, 6])
  })
})

describe('a malformed call throws at its line', () => {
  it('for quantities that no order can have', async () => {
    const bad = [Number.NaN, 0, -1, Number.POSITIVE_INFINITY, 2 ** 53, 1e300, 1e-9, '5' as never]
    const found = await refusals(bad.map(quantity => ctx => ctx.buy({ quantity })))
    expect(found.map(line => line.split(':')[0])).toEqual(bad.map(() => 'ERR_ORDER_QUANTITY'))
    const amounts: OrderOptions[] = [{ cash: 0 }, { cash: Number.NaN }, { percent: -5 }, { percent: Infinity }]
    const refused = await refusals(amounts.map(amount => ctx => ctx.sell(amount)))
    expect(refused.map(line => line.split(':')[0])).toEqual(amounts.map(() => 'ERR_ORDER_QUANTITY'))
    const targets: TargetAmount[] = [{ quantity: Number.NaN }, { value: Number.NaN }, { percent: Infinity }]
    const missed = await refusals(targets.map(amount => ctx => ctx.target(amount)))
    expect(missed.map(line => line.split(':')[0])).toEqual(targets.map(() => 'ERR_ORDER_QUANTITY'))
  })

  it('for prices and quantities off the grid, naming the nearest on it', async () => {
    expect(
      await refusals(
        [
          ctx => ctx.buy({ quantity: 1, price: 4800.3 }),
          ctx => ctx.buy({ quantity: 1.5 }),
          ctx => ctx.target({ quantity: -2.5 }),
          ctx => ctx.buy({ quantity: 1, price: Number.NaN }),
          ctx => ctx.buy({ quantity: 1, price: 1e300 }),
          ctx => ctx.buy({ quantity: 1, type: 'limit' }),
          ctx => ctx.target({ risk: { fraction: 0.1, stop: Number.NaN } }),
        ],
        [future],
      ),
    ).toEqual([
      'ERR_ORDER_OFF_TICK: price 4800.3 of ESH4 lies between the ticks 4800.25 and 4800.5 (tick size 0.25)',
      'ERR_ORDER_OFF_LOT: quantity 1.5 of ESH4 lies between the lots 1 and 2 (lot size 1)',
      'ERR_ORDER_OFF_LOT: quantity -2.5 of ESH4 lies between the lots -3 and -2 (lot size 1)',
      'ERR_ORDER_PRICE: price NaN of ESH4 is not a price',
      'ERR_ORDER_PRICE: price 1e+300 of ESH4 is not a price',
      'ERR_ORDER_PRICE: buy: a limit order of ESH4 has no price',
      'ERR_ORDER_PRICE: risk.stop NaN of ESH4 is not a price',
    ])
  })

  it('for options that nothing reads or that contradict each other', async () => {
    const found = await refusals([
      ctx => ctx.buy({ quantity: 1, prise: 5 } as never),
      ctx => ctx.buy({ quantity: 1, cash: 5 } as never),
      ctx => ctx.buy({} as never),
      ctx => ctx.buy(undefined as never),
      ctx => ctx.buy({ quantity: 1, type: 'stop' as never }),
      ctx => ctx.buy({ quantity: 1, type: 'market', price: 5 }),
      ctx => ctx.buy({ quantity: 1, timeInForce: 'GTX' as never }),
      ctx => ctx.buy({ quantity: 1, postOnly: true }),
      ctx => ctx.buy({ quantity: 1, price: 5, postOnly: true, timeInForce: 'IOC' }),
      ctx => ctx.buy({ quantity: 1, sizeAt: 'fill' } as never),
      ctx => ctx.submit({ quantity: 1, side: 'long' as never }),
      ctx => ctx.target({ percent: 5, value: 5 }),
      ctx => ctx.target({ risk: { fraction: 5, stop: 1 } }),
      ctx => ctx.target({ percent: 5 }, { sizeAt: 'later' as never }),
      ctx => ctx.subscribe('bars' as never),
      ctx => ctx.every(0),
    ])
    expect(found.map(line => line.split(':')[0])).toEqual(found.map(() => 'ERR_ORDER_OPTION'))
    expect(found[0]).toContain("(did you mean 'price'?)")
  })

  it('for prices that what is paid in full cannot have', async () => {
    const found = await refusals([
      ctx => ctx.buy({ quantity: 1, price: 0 }),
      ctx => ctx.buy({ quantity: 1, price: -1 }),
    ])
    expect(found.map(line => line.split(':')[0])).toEqual(['ERR_ORDER_PRICE', 'ERR_ORDER_PRICE'])
    const commands = await commandsOf(ctx => void ctx.buy({ quantity: 1, price: -37.5 }), [future])
    expect(commands[0]?.price).toBe(-150)
  })

  it('for more commands than fit between two steps', async () => {
    const commands = await commandsOf(ctx => {
      for (let count = 0; count < 4096; count++) ctx.buy({ quantity: 1 })
      expect(() => ctx.buy({ quantity: 1 })).toThrow(expect.objectContaining({ code: 'ERR_ORDER_TOO_MANY' }))
    })
    expect(commands).toHaveLength(4096)
  })
})

describe('a handle', () => {
  const follow = async (told: Told[], act: (order: OrderHandle, told: OrderReport | Fill) => void = () => {}) => {
    const states: unknown[] = []
    let handle: OrderHandle | undefined
    class Follower extends Strategy {
      override onStart(ctx: Context): void {
        handle = ctx.buy({ quantity: 10, price: 5, tag: 'mine' })
        expect([handle.status, handle.leaves, ctx.openOrders]).toEqual(['pending', 10, [handle]])
      }
      override onEvent(event: OrderReport | Fill, ctx: Context): void {
        expect(event.order).toBe(handle)
        const { status, filled, leaves, quantity, price, code } = event.order
        states.push([event.kind, status, filled, leaves, quantity, price, code, ctx.openOrders.length])
        act(event.order, event)
      }
    }
    const rows = [{ kind: 'start', time: 0 } as const, ...told.map((at, index) => report(index + 1, at))]
    const { run, driver } = await play({ strategies: [new Follower()], rows })
    return { states, run, driver, handle: handle! }
  }
  const status = (word: (typeof orderStatuses)[number]): number => orderStatuses.indexOf(word)

  it('follows its order from acceptance to the last fill', async () => {
    const { states, handle } = await follow([
      { kind: 'accepted', order: 1, status: status('accepted'), quantity: 10, leaves: 10, price: 5 },
      { kind: 'filled', order: 1, status: status('partiallyFilled'), quantity: 4, leaves: 6, price: 5 },
      { kind: 'modified', order: 1, status: status('partiallyFilled'), quantity: 8, leaves: 4, price: 5.5 },
      { kind: 'filled', order: 1, status: status('filled'), quantity: 4, leaves: 0, price: 5.5 },
    ])
    expect(states).toEqual([
      ['accepted', 'accepted', 0, 10, 10, 5, undefined, 1],
      ['filled', 'partiallyFilled', 4, 6, 10, 5, undefined, 1],
      ['modified', 'partiallyFilled', 4, 4, 8, 5.5, undefined, 1],
      ['filled', 'filled', 8, 0, 8, 5.5, undefined, 0],
    ])
    expect(handle).toMatchObject({ id: 1, tag: 'mine', symbol: 'AAA', side: 'buy', done: true })
  })

  it('knows its state even where the engine has dropped the order', async () => {
    const { states } = await follow([{ kind: 'denied', order: 1, detail: 12 }])
    expect(states).toEqual([['denied', 'denied', 0, 0, 10, 5, 'ERR_RISK_BUYING_POWER', 0]])
  })

  it('asks for nothing once the order is known to have ended', async () => {
    const { run } = await follow(
      [{ kind: 'canceled', order: 1, detail: 1, leaves: 10, status: status('canceled') }],
      (order, told) => {
        expect((told as OrderReport).reason).toBe('noLiquidity')
        expect([order.cancel(), order.modify({ quantity: 3 })]).toEqual([false, false])
      },
    )
    expect(run.all).toHaveLength(1)
  })

  it('hears that its cancel came too late, after the fill that crossed it', async () => {
    const { states } = await follow(
      [
        { kind: 'accepted', order: 1, status: status('accepted'), quantity: 10 },
        { kind: 'filled', order: 1, status: status('filled'), quantity: 10, leaves: 0, price: 5 },
        { kind: 'cancelRejected', order: 1, detail: 0, status: status('filled') },
      ],
      (order, { kind }) => {
        if (kind === 'accepted') expect(order.cancel()).toBe(true)
      },
    )
    expect(states.at(-1)).toEqual(['cancelRejected', 'filled', 10, 0, 10, 5, 'ERR_ORDER_TOO_LATE', 0])
  })

  it('learns side and quantity of a target at its fill', async () => {
    const seen: unknown[] = []
    class Targeter extends Strategy {
      override onStart(ctx: Context): void {
        const { side, quantity, leaves } = ctx.target({ percent: -50 })
        seen.push([side, quantity, leaves])
      }
      override onFill({ order, position, avgEntryPrice }: Fill, ctx: Context): void {
        seen.push([order.side, order.quantity, order.filled, position, avgEntryPrice, ctx.position, ctx.cash])
      }
    }
    const filled = { order: 1, detail: 1, quantity: 7, price: 70, position: -7, average: 70, cash: 1490 }
    await play({
      strategies: [new Targeter()],
      rows: [{ kind: 'start' }, report(1, { kind: 'filled', ...filled })],
    })
    expect(seen).toEqual([
      [undefined, Number.NaN, Number.NaN],
      ['sell', 7, 7, -7, 70, -7, 1490],
    ])
  })
})

describe('an instrument', () => {
  const instrument = new Instrument(future, 0)

  it('rounds to its ticks, in every way, and leaves what is on a tick', () => {
    expect(instrument.round(4800.3)).toBe(4800.25)
    expect(instrument.round(4800.3, 'up')).toBe(4800.5)
    expect(instrument.round(4800.3, 'down')).toBe(4800.25)
    expect(instrument.round(4800.3, 'passive', 'buy')).toBe(4800.25)
    expect(instrument.round(4800.3, 'passive', 'sell')).toBe(4800.5)
    expect(instrument.round(4800.25 + 1e-9, 'up')).toBe(4800.25)
    expect(() => instrument.round(4800.3, 'passive')).toThrow(expect.objectContaining({ code: 'ERR_ORDER_OPTION' }))
  })

  it('counts in ticks without leaving the grid', () => {
    const tenths = new Instrument(terms('X', { tickSize: '0.1' }), 0)
    expect(tenths.price(0.1).offset(2).value).toBe(0.3)
    expect(tenths.offset(0.7, 1)).toBe(0.8)
    expect(Number(instrument.price(4800).offset(-1))).toBe(4799.75)
    expect(() => tenths.offset(0.7, 0.5)).toThrow(expect.objectContaining({ code: 'ERR_ORDER_PRICE' }))
  })
})
