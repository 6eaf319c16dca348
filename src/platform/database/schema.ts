import type { MigrationInterface } from 'typeorm'
import type { Table } from './table.ts'

/** All tables as the code knows them, and the history that makes them. */
export type Schema = { tables: Table[]; migrations: (new () => MigrationInterface)[] }
