import type { Command } from 'commander'

export default function add(program: Command): void {
  program
    .command('start')
    .description('set up and run everything in one process, and the sample partner beside it')
    .action(async () => {
      const { start } = await import('../start.ts')
      await start(process.env)
    })
}
