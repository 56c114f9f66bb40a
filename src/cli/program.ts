/** The command line: commands, options, help. What a command does lies in `commands/`, loaded when it is called. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command, CommanderError, Option } from 'commander'
import { packageRoot } from '../native/binding.ts'
import { suggestion } from '../suggest.ts'
import type { ExplainFlags } from './commands/explain.ts'
import { type Engine, packageEngine } from './engine.ts'
import { reportError } from './exit.ts'
import type { RunFlags } from './run-options.ts'
import { Terminal } from './terminal.ts'

/** What a command line runs with; tests put their own in place. */
export interface CommandLineOptions {
  /** Standard output and error. @default the process's */
  readonly terminal?: Terminal
  /** The heart of the package. @default the package's own */
  readonly engine?: Engine
}

/**
 * Runs one command line and returns its exit code: 0 done, 1 the work failed, 2 wrong usage, 130 interrupted.
 *
 * @param words what was typed after `tickforge`
 */
export async function runCommandLine(words: readonly string[], options: CommandLineOptions = {}): Promise<number> {
  const terminal = options.terminal ?? new Terminal(process.stdout, process.stderr)
  const engine = options.engine ?? packageEngine
  // Known before anything is parsed: an error in the parsing is reported as asked for, too.
  terminal.configure({ json: words.includes('--json'), quiet: words.includes('--quiet') })
  let code = 0
  const program = build(terminal, engine, value => {
    code = value
  })
  try {
    await addStrategyHelp(program, words)
    if (words.length === 0) {
      program.outputHelp()
      return 0
    }
    await program.parseAsync([...words], { from: 'user' })
    return code
  } catch (error) {
    if (!(error instanceof CommanderError)) return reportError(error, terminal)
    if (error.exitCode === 0) return 0
    const { usageError } = await import('./run-options.ts')
    return reportError(
      usageError(error.message.replace(/^error: /, '').replaceAll('\n', ' '), { reason: error.code }),
      terminal,
    )
  }
}

type Done = (code: number) => void

function build(terminal: Terminal, engine: Engine, done: Done): Command {
  const program = new Command('tickforge')
    .description('A deterministic trading engine: strategies in TypeScript, the market in Rust')
    .version(version(), '-V, --version', 'print the version')
    .exitOverride()
    .configureOutput({
      writeOut: text => terminal.out.write(text),
      writeErr: text => terminal.err.write(text),
      outputError: () => undefined, // reported by runCommandLine, with its code
    })
    .showSuggestionAfterError(true)
    .helpCommand(false)
    .addHelpText('after', '\nExit codes: 0 done, 1 the work failed, 2 wrong usage, 130 interrupted\n')
  program.on('command:*', ([name = '']: string[]) => {
    const names = program.commands.map(command => command.name())
    throw new CommanderError(2, 'tickforge.unknownCommand', `there is no command '${name}'${suggestion(name, names)}`)
  })

  const command = (name: string, about: string, example: string): Command =>
    program
      .command(name)
      .description(about)
      .option('--json', 'one JSON document on standard output, nothing else there')
      .option('--quiet', 'nothing on standard error but errors')
      .addHelpText('after', `\nExample:\n  $ ${example.replaceAll('\n', '\n  $ ')}\n`)

  runFlags(command('demo', 'a run on a generated market: a summary and report.html', 'tickforge demo'))
    .option('--records <count>', 'length of the generated market', '2000000')
    .action(async flags => {
      const { demoCommand } = await import('./commands/demo.ts')
      done(await demoCommand(flags, engine, terminal))
    })

  const run = command(
    'run <file>',
    'run a strategy (.ts, .js), a configuration (.yaml, .json) or a run.json',
    'tickforge run momentum.ts --data prices.csv --fast 20\ntickforge run backtest.yaml --out results/\ntickforge run results/run.json --verify\ntickforge run backtest.yaml --stress',
  )
  dataFlags(runFlags(run))
    .option('--verify', 'repeat a run.json and compare its data, strategies and state hash')
    .option('--stress', 'run again with fills a tick worse, twice the latency, doubled fees; same random draws')
    .allowUnknownOption()
    .allowExcessArguments()
    .addHelpText('after', '\nA strategy adds its own options: tickforge run momentum.ts --help\n')
    .action(async (file: string, flags: RunFlags) => {
      const { runCommand } = await import('./commands/run.ts')
      const known = run.options.map(option => option.long ?? '')
      done(await runCommand(file, flags, run.args.slice(1), known, engine, terminal))
    })

  command(
    'explain <results...>',
    'why an order was filled or not; book and account at a time; where two results part',
    'tickforge explain results/ --order 12\ntickforge explain results/ --at 2024-03-08T14:30:00.5Z\ntickforge explain results/ other/ --json',
  )
    .option('--order <number>', 'the order, by its number within its strategy')
    .option('--strategy <name>', 'the strategy of the order, where the run has several')
    .option('--at <time>', 'show books and accounts at this time of the venue')
    .option('--all', 'every line of a long explanation')
    .action(async (results: string[], flags: ExplainFlags) => {
      const { explainCommand } = await import('./commands/explain.ts')
      done(await explainCommand(results, flags, engine, terminal))
    })

  command('inspect <files...>', 'what is in market data files', 'tickforge inspect --book --json esh4.mbo.dbn.zst')
    .option('--book', 'build the books and print their digests')
    .action(async (files: string[], flags) => {
      const { inspectCommand } = await import('./commands/inspect.ts')
      done(await inspectCommand(files, flags, engine, terminal))
    })

  command(
    'convert <in> <out>',
    'between DBN, CSV and Parquet, by the names',
    'tickforge convert trades.dbn.zst trades.parquet',
  )
    .option('--symbol <symbols...>', 'from DBN: only these symbols')
    .option('--start <time>', 'from DBN: first point in time, inclusive')
    .option('--end <time>', 'from DBN: last point in time, exclusive')
    .addOption(new Option('--kind <rows>', 'which rows').choices(['bars', 'quotes', 'trades', 'depth']))
    .option('--timeframe <interval>', "from a table: interval of the bars, such as '1d'")
    .addOption(
      new Option('--label <point>', "from a table: what a bar's time names").choices(['open', 'close', 'session']),
    )
    .option('--force', 'replace OUT when it exists')
    .action(async (input: string, output: string, flags) => {
      const { convertCommand } = await import('./commands/convert.ts')
      done(await convertCommand(input, output, flags, engine, terminal))
    })

  command(
    'calibrate <file>',
    'how far the simulator is from what really happened, by the real orders of market-by-order data',
    'tickforge calibrate esh4.mbo.dbn.zst\ntickforge calibrate esh4.mbo.dbn.zst --out queue.yaml --model log2',
  )
    .option('--symbol <symbol>', 'the instrument, where the file names several')
    .option('--tick-size <size>', 'tick size (default: from definitions and the built-in futures)')
    .option('--lot-size <size>', 'quantity of one lot, with --tick-size (default: 1)')
    .option('--orders <count>', 'most real orders that are drawn (default: 5000)')
    .option('--window <duration>', "how long an order is watched (default: '10m')")
    .option('--levels <count>', 'price levels of a side that are near the touch (default: 3)')
    .option('--seed <number>', 'seed of the draws (default: 42)')
    .option('--out <file>', 'write the best model of levels as a piece of a configuration file')
    .addOption(
      new Option('--model <name>', 'write this model instead').choices([
        'l3',
        'riskAverse',
        'log',
        'log2',
        'power',
        'power2',
        'power3',
      ]),
    )
    .option('--force', 'replace the file of --out when it exists')
    .action(async (file: string, flags) => {
      const { calibrateCommand } = await import('./commands/calibrate.ts')
      done(await calibrateCommand(file, flags, engine, terminal))
    })

  command('bench [names...]', 'the benchmarks, beside a baseline measured in the same run', 'tickforge bench book')
    .option('--quick', 'small streams: less exact, and done in well under a minute')
    .action(async (names: string[], flags: { quick?: true }) => {
      const { benchCommand } = await import('./commands/bench.ts')
      done(await benchCommand(names, flags.quick === true, terminal))
    })

  command('doctor', 'what is installed, what was loaded and why, what is missing', 'tickforge doctor').action(
    async () => {
      const { doctorCommand } = await import('./commands/doctor.ts')
      done(await doctorCommand(engine, terminal))
    },
  )
  return program
}

function runFlags(command: Command): Command {
  return command
    .option('--seed <number>', 'seed of everything random')
    .option('--cash <amount>', 'cash at the start')
    .option('--latency <duration>', "fixed order latency each way, such as '50us'")
    .option('--debug', 'one row a step; views throw when they are used after their handler')
    .option('--out <folder>', 'where run.json and the artefacts go (default: results)')
    .option('--report <file>', 'where the report goes (default: report.html, with --out in that folder)')
    .option('--no-report', 'write no report')
}

function dataFlags(command: Command): Command {
  return command
    .option(
      '--data <files...>',
      "market data: .dbn, .dbn.zst, .csv, .parquet, .jsonl or .gz (recorded Binance frames), or 'synthetic'",
    )
    .option('--symbol <symbols...>', 'only these symbols; for a file without symbols, its instrument')
    .option('--start <time>', 'first point in time, inclusive')
    .option('--end <time>', 'last point in time, exclusive')
    .option('--timeframe <interval>', "interval of the bars, such as '1d'")
    .addOption(new Option('--label <point>', "what a bar's time names").choices(['open', 'close', 'session']))
    .addOption(new Option('--checks <policy>', 'impossible rows').choices(['error', 'reject', 'warn']))
    .addOption(
      new Option('--instrument <kind>', 'what --symbol is').choices([
        'equity',
        'future',
        'perpetual',
        'spot',
        'option',
      ]),
    )
    .option('--tick-size <size>', 'tick size of --symbol')
    .option('--lot-size <size>', 'lot size of --symbol')
    .option('--multiplier <factor>', 'multiplier of --symbol')
    .option('--currency <name>', 'currency of the account')
    .option('--fee <amount>', 'fee for each contract')
    .option('--fee-bps <points>', 'fee in basis points of the traded value')
    .addOption(new Option('--close-at-end <price>', 'close open positions at the end').choices(['close', 'open']))
    .option('--speed <factor>', "'max', 'realtime', or a factor")
}

/** `tickforge run momentum.ts --help` shows the strategy's parameters too. */
async function addStrategyHelp(program: Command, words: readonly string[]): Promise<void> {
  const file = words[0] === 'run' ? words.find(word => /\.m?[tj]s$/.test(word)) : undefined
  if (file === undefined || !(words.includes('--help') || words.includes('-h'))) return
  const [{ loadStrategy }, { parameterHelp }] = await Promise.all([
    import('../loader/loader.ts'),
    import('./parameters.ts'),
  ])
  const { strategy } = await loadStrategy(file)
  const declared = (strategy as { parameters?: Parameters<typeof parameterHelp>[1] }).parameters ?? {}
  program.commands.find(command => command.name() === 'run')?.addHelpText('after', parameterHelp(file, declared))
}

function version(): string {
  return (JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string }).version
}
