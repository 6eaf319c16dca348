import { dataSource } from './src/compose.ts'

/** For TypeORM's own command line: `npm run typeorm -- migration:show -d ormconfig.ts`. */
export default dataSource(process.env)
