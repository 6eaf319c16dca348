import type { DataSource } from 'typeorm'

/** The databases Giro speaks to. MariaDB is spoken to as a MySQL server. */
export type Dialect = 'sqlite' | 'postgres' | 'mariadb'

/** One thing said in each database's words. */
export type Spelt<T = string> = Record<Dialect, T>

/** The dialect of a data source of TypeORM's. */
export function dialectOf({ options }: DataSource): Dialect {
  const { type } = options
  if (type === 'postgres' || type === 'mariadb') return type
  return 'sqlite'
}

/** SQLite has one writer at a time. */
export function commitsOverlap(dialect: Dialect): boolean {
  return dialect !== 'sqlite'
}
