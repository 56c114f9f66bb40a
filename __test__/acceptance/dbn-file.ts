/** DBN files of market-by-order records, written here byte by byte: tests of files that nobody else has. */

/** One market-by-order record. */
export interface MboRecord {
  readonly order: bigint
  /** In 1e-9. */
  readonly price: bigint
  readonly size: number
  readonly action: 'A' | 'C' | 'M' | 'T' | 'F' | 'R'
  readonly side: 'B' | 'A' | 'N'
  /** 128 ends the event. */
  readonly flags: number
  /** Exchange time in nanoseconds since 1970. */
  readonly time: bigint
}

/** Of both prices and times: not there. */
export const undefinedPrice = 0x7fffffffffffffffn

const instrumentId = 1
const begin = 1704205800000000000n

/** A whole file, version 3. */
export function dbnFile(records: readonly MboRecord[], symbol: string): Buffer {
  return Buffer.concat([dbnHeader(symbol), ...records.map(dbnRecord)])
}

/** Metadata that map `symbol` to the instrument of the records. */
export function dbnHeader(symbol: string): Buffer {
  const fixed = Buffer.alloc(100)
  fixed.write('GLBX.MDP3', 0)
  fixed.writeUInt16LE(0, 16) // schema: market by order
  fixed.writeBigUInt64LE(begin, 18)
  fixed.writeBigUInt64LE(begin + 86_400_000_000_000n, 26)
  fixed.writeUInt8(1, 42) // symbols in: raw; out: instrument id
  fixed.writeUInt8(0, 43)
  fixed.writeUInt16LE(71, 45)
  const text = (value: string): Buffer => {
    const bytes = Buffer.alloc(71)
    bytes.write(value)
    return bytes
  }
  const number = (value: number): Buffer => {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32LE(value)
    return bytes
  }
  const symbols = [number(1), text(symbol), number(0), number(0)]
  const mapping = [number(1), text(symbol), number(1), number(20240101), number(20250101), text(String(instrumentId))]
  const body = Buffer.concat([fixed, number(0), ...symbols, ...mapping])
  return Buffer.concat([Buffer.from('DBN\x03', 'latin1'), number(body.length), body])
}

/** One record. */
export function dbnRecord(record: MboRecord): Buffer {
  const bytes = Buffer.alloc(56)
  bytes.writeUInt8(56 / 4, 0)
  bytes.writeUInt8(0xa0, 1)
  bytes.writeUInt16LE(1, 2)
  bytes.writeUInt32LE(instrumentId, 4)
  bytes.writeBigUInt64LE(record.time, 8)
  bytes.writeBigUInt64LE(record.order, 16)
  bytes.writeBigInt64LE(record.price, 24)
  bytes.writeUInt32LE(record.size, 32)
  bytes.writeUInt8(record.flags, 36)
  bytes.write(record.action, 38)
  bytes.write(record.side, 39)
  bytes.writeBigUInt64LE(record.time + 100_000n, 40)
  return bytes
}

/** A seeded stream of adds, cancels, changes and trades around a price, one event in three of several records. */
export function randomRecords(count: number, seed: number): MboRecord[] {
  let state = seed
  const random = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  const live = new Map<bigint, { side: 'B' | 'A'; price: bigint; size: number }>()
  const records: MboRecord[] = []
  let next = 1000n
  let time = begin
  while (records.length < count) {
    time += BigInt(random(5_000_000) + 1)
    const flags = random(3) === 0 && records.length < count - 1 ? 0 : 128
    const ids = [...live.keys()]
    const chosen = ids.length > 40 || (ids.length > 0 && random(2) === 0) ? ids[random(ids.length)] : undefined
    const order = chosen === undefined ? undefined : live.get(chosen)
    if (chosen === undefined || order === undefined) {
      const side = random(2) === 0 ? 'B' : 'A'
      const distance = BigInt(random(12) + 1) * 250_000_000n
      const price = 4_800_000_000_000n + (side === 'B' ? -distance : distance)
      const size = random(20) + 1
      live.set(next, { side, price, size })
      records.push({ order: next, price, size, action: 'A', side, flags, time })
      next += 7n
      continue
    }
    const { side, price, size } = order
    const kind = random(4)
    if (kind === 0 || size === 1) {
      live.delete(chosen)
      records.push({ order: chosen, price, size, action: 'C', side, flags, time })
    } else if (kind === 1) {
      const taken = random(size - 1) + 1
      order.size -= taken
      records.push({ order: chosen, price, size: taken, action: 'C', side, flags, time })
    } else if (kind === 2) {
      order.size = random(30) + 1
      records.push({ order: chosen, price, size: order.size, action: 'M', side, flags, time })
    } else {
      const aggressor = side === 'B' ? 'A' : 'B'
      records.push({ order: 0n, price, size: 1, action: 'T', side: aggressor, flags: 0, time })
      records.push({ order: chosen, price, size: 1, action: 'F', side, flags: 0, time })
      order.size -= 1
      records.push({ order: chosen, price, size: 1, action: 'C', side, flags: 128, time })
    }
  }
  return records
}
