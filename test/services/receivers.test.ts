import { receiverSuite } from '../delivery/receivers.suite.ts'

const folder = 'src/delivery/receivers/'

receiverSuite({
  name: 'Go',
  program: 'go',
  args: () => ['run', `${folder}receiver.go`],
  signatures: ['v1', 'v1a'],
})

receiverSuite({
  name: 'Java',
  program: 'java',
  needs: 'javac',
  args: () => [`${folder}Receiver.java`],
  signatures: ['v1', 'v1a'],
})

receiverSuite({
  name: 'PHP',
  program: 'php',
  args: (port) => ['-S', `127.0.0.1:${port}`, `${folder}receiver.php`],
  signatures: ['v1', 'v1a'],
})
