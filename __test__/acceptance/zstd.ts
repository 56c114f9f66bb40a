/** zstd frames of raw blocks, written byte by byte: Node 20 cannot compress, and files must claim what they please. */

const magic = Buffer.from([0x28, 0xb5, 0x2f, 0xfd])
const largest = 100_000

/** A frame that holds `bytes` and claims `claimed` of them. */
export function zstdFrame(bytes: Buffer, claimed: bigint = BigInt(bytes.length)): Buffer {
  const size = Buffer.alloc(8)
  size.writeBigUInt64LE(claimed)
  const parts: Uint8Array[] = [magic, Buffer.from([0xe0]), size] // one segment, its size in 8 bytes
  for (let at = 0; at < bytes.length; at += largest) {
    const block = bytes.subarray(at, at + largest)
    const isLast = at + largest >= bytes.length ? 1 : 0
    const head = (block.length << 3) | isLast
    parts.push(Buffer.from([head & 255, (head >> 8) & 255, head >> 16]), block)
  }
  return Buffer.concat(parts)
}
