export { tidied } from './alphabet.ts'
export { encodingOf, segmentSize, shortened, unitsOf } from './segment.ts'
