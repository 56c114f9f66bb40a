/** As much of a WebSocket client as the inspector needs: text messages, one connection. (Node 20 has none of its own.) */
import { randomBytes } from 'node:crypto'
import { get } from 'node:http'
import type { Socket } from 'node:net'

/** A connection to the inspector. */
export class WebSocket {
  readonly #socket: Socket
  #rest = Buffer.alloc(0)
  #parts: Buffer[] = []
  #listener: (text: string) => void = () => undefined

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (piece: Buffer) => this.#take(piece))
    socket.on('error', () => undefined)
  }

  /** Connects. */
  static open(address: string): Promise<WebSocket> {
    return new Promise((opened, failed) => {
      const request = get(address.replace(/^ws:/, 'http:'), {
        headers: {
          Connection: 'Upgrade',
          Upgrade: 'websocket',
          'Sec-WebSocket-Version': '13',
          'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
        },
      })
      request.on('error', failed)
      request.on('upgrade', (_response, socket: Socket) => opened(new WebSocket(socket)))
    })
  }

  /** Says who hears messages. */
  onMessage(listener: (text: string) => void): void {
    this.#listener = listener
  }

  /** Sends a text. */
  send(text: string): void {
    const body = Buffer.from(text)
    const mask = randomBytes(4)
    const head =
      body.length < 126
        ? Buffer.from([0x81, 0x80 | body.length])
        : Buffer.from([0x81, 0xfe, body.length >> 8, body.length & 255])
    for (let index = 0; index < body.length; index += 1)
      body[index] = (body[index] as number) ^ (mask[index % 4] as number)
    this.#socket.write(Buffer.concat([head, mask, body]))
  }

  /** Ends the connection. */
  close(): void {
    this.#socket.destroy()
  }

  #take(piece: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, piece])
    for (;;) {
      if (this.#rest.length < 2) return
      const short = (this.#rest[1] as number) & 127
      const head = short === 126 ? 4 : short === 127 ? 10 : 2
      if (this.#rest.length < head) return
      const length =
        short === 126 ? this.#rest.readUInt16BE(2) : short === 127 ? Number(this.#rest.readBigUInt64BE(2)) : short
      if (this.#rest.length < head + length) return
      const isLast = ((this.#rest[0] as number) & 128) !== 0
      const opcode = (this.#rest[0] as number) & 15
      const body = this.#rest.subarray(head, head + length)
      this.#rest = this.#rest.subarray(head + length)
      if (opcode > 2) continue
      this.#parts.push(body)
      if (!isLast) continue
      const text = Buffer.concat(this.#parts).toString()
      this.#parts = []
      this.#listener(text)
    }
  }
}
