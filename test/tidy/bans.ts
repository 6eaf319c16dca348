import type { Source } from './source.ts'

/**
 * What must not be written and what to write instead. `where` and `except` say in which files;
 * `unless` lets single lines be, for the reason beside it. `bad` is an example that is caught.
 */
export type Ban = {
  what: string
  use: string
  pattern: RegExp
  bad: string
  where: RegExp
  except?: RegExp
  unless?: RegExp
  /** Where the pattern is looked for; code has neither comments nor texts in quotes. */
  in?: 'code' | 'comments' | 'lines'
}

const everywhere = /./
const house = /^(src|cli|ormconfig)/
const tests = /^test\//

export const bans: Ban[] = [
  {
    what: 'a float near money',
    use: 'bigint',
    pattern: /\bparseFloat\b|\bNumber\b|\bparseInt\b|\.toFixed\b|\bMath\./,
    bad: 'const units = Number(amount) * 100',
    where: /^src\/(ledger|payment)\/|^src\/platform\/(money|currency)\.ts/,
    // The exponent of a number is no amount, nor is the count of decimals.
    unless: /const shift = Number\(power\)|Math\.abs\(shift\)|Math\.max\(0, fraction\.length/,
  },
  {
    what: 'the time of the machine',
    use: 'a Clock',
    pattern: /\bDate\.(now|parse|UTC)\b|\bnew Date\b/,
    bad: 'const now = Date.now()',
    where: house,
    except: /^src\/platform\/clock\.ts/,
  },
  {
    what: 'the time of the machine',
    use: 'manualClock() or systemClock',
    pattern: /\bDate\.(now|parse)\b|\bnew Date\b/,
    bad: 'const today = new Date()',
    where: tests,
  },
  {
    what: 'chance',
    use: 'a Random',
    pattern: /\bMath\.random\b/,
    bad: 'const jitter = Math.random()',
    where: everywhere,
    except: /^src\/platform\/random\.ts/,
  },
  {
    what: 'the environment',
    use: 'the settings that are passed in',
    pattern: /\bprocess\.env\b/,
    bad: 'if (process.env.DEBUG) log()',
    where: everywhere,
    except: /^(cli|scripts)\/|^ormconfig\.ts|^test\/(support\/program|crash\/crash\.test)\.ts/,
  },
  {
    what: 'console',
    use: 'the log',
    pattern: /\bconsole\./,
    bad: 'console.log(payment)',
    where: everywhere,
    except: /^(cli|scripts)\//,
  },
  {
    what: 'a way around the gate',
    use: 'database.read and database.write',
    pattern: /\bcreateQueryRunner\b|\bgetRepository\b|\.manager\b|\bdataSource\./,
    bad: 'await dataSource.transaction(work)',
    where: house,
    except: /^src\/platform\/database\//,
  },
  {
    what: 'a connection of its own',
    use: 'the writer and the reader of platform/database',
    pattern: /\bnew DataSource\b|\bbetter-sqlite3\b/,
    bad: "import Sqlite from 'better-sqlite3'",
    where: house,
    except: /^src\/platform\/database\//,
    in: 'lines',
  },
  {
    what: 'the client for S3 in every process',
    use: 'openArchive, which loads it where a bucket is named',
    pattern: /^(import|export).*from '(@aws-sdk\/|.*\/s3-(store|calls)\.ts')/,
    bad: "import { S3Client } from '@aws-sdk/client-s3'",
    where: house,
    except: /^src\/proof\/s3-store\.ts/,
    in: 'lines',
  },
  {
    what: "TypeORM's save and remove",
    use: 'insert and run',
    pattern: /\.(save|remove)\(/,
    bad: 'await manager.save(payment)',
    where: /^(src|cli)/,
  },
  {
    what: 'synchronize: true',
    use: 'a migration',
    pattern: /\bsynchronize: *true\b/,
    bad: 'const options = { synchronize: true }',
    where: everywhere,
  },
  {
    what: 'a type that is not true',
    use: 'the true type',
    pattern: /@ts-(ignore|nocheck|expect-error)/,
    bad: '// @ts-ignore',
    where: everywhere,
    in: 'comments',
  },
  {
    what: 'a note to oneself',
    use: 'an issue',
    pattern: /\b(FIXME|TODO|XXX|HACK)\b/,
    bad: '// TODO: later',
    where: everywhere,
    in: 'comments',
  },
  {
    what: 'code in a comment',
    use: 'the history, which has it',
    pattern:
      /^\/\/ *(import|export|const|let|return|await|throw|if|for|expect)\b.*[({=;]|^\/\/.*[;{}]$/,
    bad: '// const old = await post(db)',
    where: everywhere,
    in: 'comments',
  },
  {
    what: 'a test that does not run',
    use: 'one that runs',
    pattern: /\b(it|test|describe)\.(only|skip|todo|failing)\b|\b[xf](it|describe)\b/,
    bad: "it.only('counts', () => {})",
    where: tests,
  },
  {
    what: 'sleep in a test',
    use: 'until(), turns() or a manual clock',
    pattern: /\bsetTimeout\(|\bsleep\(|timers\/promises/,
    bad: 'setTimeout(done, 1000)',
    where: tests,
    // These wait for a condition, stand for a slow partner, or test what sleeps.
    except: /^test\/(support\/(until|turns|http)|crash\/partners|platform\/clock\.test)\.ts/,
    in: 'lines',
  },
  {
    what: 'a way that climbs out of sight',
    use: 'a file that is nearer',
    pattern: /'(\.\.\/){3}/,
    bad: "import { a } from '../../../a.ts'",
    where: house,
    // Not an import: where the repository itself lies.
    unless: /new URL\(/,
    in: 'lines',
  },
]

/** Each place where something banned stands, as a person wants to read it. */
export function findings({ path, ...source }: Source, ban: Ban): string[] {
  if (!ban.where.test(path) || ban.except?.test(path)) return []
  const texts =
    ban.in === 'comments'
      ? source.comments
      : source[ban.in ?? 'code'].map((text, i) => ({ text, line: i + 1 }))
  return texts
    .filter(({ text }) => ban.pattern.test(text.trim()) && !ban.unless?.test(text))
    .map(({ line }) => `${path}:${line}: ${ban.what} is banned, use ${ban.use}`)
}
