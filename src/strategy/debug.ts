/** Debug mode: views that throw when they are used after their handler. */
import { TickforgeError } from '../errors.ts'

/** Wraps the views of one row after another; each wrapping ends with its row. */
export class ViewGuard {
  private generation = 0

  /** The view, usable until {@link ViewGuard.expire}. */
  wrap<T extends object>(view: T, handler: string): T {
    const { generation } = this
    return new Proxy(view, {
      get: (target, key) => {
        if (this.generation !== generation) throw expired(handler, String(key))
        const value: unknown = Reflect.get(target, key, target)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
  }

  /** Ends all views that were handed out. */
  expire(): void {
    this.generation += 1
  }
}

function expired(handler: string, key: string): TickforgeError {
  return new TickforgeError('ERR_VIEW_EXPIRED', `.${key} was read after ${handler} had returned; keep a copy()`, {
    details: { handler, field: key, accepted: 'view.copy() within the handler' },
  })
}
