/** The functions of a run's own fee, slippage and fill models, from the files that its configuration names. */

import type { FeeModel, SlippageModel, VenueOptions } from '../backtest/configuration-models.ts'
import type { RunOptions } from '../backtest/configuration-types.ts'
import type { CustomModel } from '../backtest/custom-models.ts'
import { TickforgeError } from '../errors.ts'
import { type LoadedModule, loadModules } from '../loader/loader.ts'

type Unloaded = CustomModel<unknown> & { readonly source: string }

const isUnloaded = (model: CustomModel<unknown> | undefined): model is Unloaded =>
  model !== undefined && model.model === undefined && model.source !== undefined

/**
 * The same run with the functions of its models; what has none and no file either is left to the run, which says so.
 *
 * @throws {@link TickforgeError} `ERR_LOADER_…`
 */
export async function loadCustomModels(run: RunOptions): Promise<RunOptions> {
  const { venue = {} } = run
  const fees = venue.fees?.type === 'custom' ? venue.fees : undefined
  const slippage = venue.slippage?.type === 'custom' ? venue.slippage : undefined
  const fill = venue.fill?.custom
  const all: readonly (CustomModel<unknown> | undefined)[] = [fees, slippage, fill]
  const unloaded = all.filter(isUnloaded)
  if (unloaded.length === 0) return run
  // Together: what two of the files import is one module.
  const modules = await loadModules(unloaded.map(({ source }) => source))
  const loaded = new Map(unloaded.map((model, index) => [model as CustomModel<unknown>, modules[index]!]))
  const withFunction = <M extends CustomModel<unknown>>(model: M): M => {
    const module = loaded.get(model)
    return module === undefined ? model : { ...model, source: module.file, model: exported(module, model) }
  }
  const complete: VenueOptions = {
    ...venue,
    ...(fees && { fees: withFunction(fees) satisfies FeeModel }),
    ...(slippage && { slippage: withFunction(slippage) satisfies SlippageModel }),
    ...(fill && { fill: { ...venue.fill, custom: withFunction(fill) } }),
  }
  return { ...run, venue: complete }
}

function exported(module: LoadedModule, { export: name = 'default' }: CustomModel<unknown>): unknown {
  const found = module.exports[name]
  if (typeof found === 'function') return found
  const names = Object.keys(module.exports)
  throw new TickforgeError('ERR_LOADER_EXPORT', `${module.file} exports no function '${name}'`, {
    details: { file: module.file, exports: names, accepted: 'the name of an exported function' },
  })
}
