/** Ends a run of which a project has no server. */
export default function requireServer(_all, { displayName, globals }) {
  const [server] = Object.values(globals)
  if (!server) throw new Error(`there is no ${displayName.name}: run npm run test:services`)
}
