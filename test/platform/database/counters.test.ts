import { expect, it } from '@jest/globals'
import { Registry } from 'prom-client'
import { databaseCounters } from '../../../src/platform/database/index.ts'

it('units that were repeated are counted by the reason, however often they are asked for', async () => {
  const metrics = new Registry()
  const repeated = { conflict: 0, unknown_commit: 0 }
  databaseCounters(metrics, { repeated })
  const lines = async () =>
    (await metrics.metrics()).split('\n').filter((line) => line.startsWith('giro_'))
  expect(await lines()).toEqual([
    'giro_database_units_repeated_total{reason="conflict"} 0',
    'giro_database_units_repeated_total{reason="unknown_commit"} 0',
  ])
  Object.assign(repeated, { conflict: 3, unknown_commit: 1 })
  await lines()
  expect(await lines()).toEqual([
    'giro_database_units_repeated_total{reason="conflict"} 3',
    'giro_database_units_repeated_total{reason="unknown_commit"} 1',
  ])
})
