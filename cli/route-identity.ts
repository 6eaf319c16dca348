import type { Command, OptionValues } from 'commander'
import { fileArgument, jsonFileArgument } from './options.ts'

export const identityHelp = `
--auth is what the API takes as auth, one of
  {"type": "basic", "username": "…", "password": "…"}
  {"type": "bearer", "token": "…"}
  {"type": "oauth2", "token_url": "…", "client_id": "…", "client_secret": "…", "scope": "…"}
It is kept encrypted, as the key of the certificate is, and never shown again.`

/** How a webhook proves who sent it. Secrets are given in files, since a shell remembers. */
export function withIdentity(command: Command): Command {
  return command
    .option('--auth <file>', 'JSON that says how to authorise each webhook', jsonFileArgument)
    .option('--certificate <file>', 'PEM of a client certificate for mutual TLS', fileArgument)
    .option('--key <file>', 'PEM of its private key', fileArgument)
    .option('--ca <file>', 'PEM of the only authorities to trust here', fileArgument)
}

/** What the options say of it, for the check that the API makes as well; false is none. */
export function identity({ auth, certificate, key, ca }: OptionValues): OptionValues {
  const shows = [certificate, key, ca].some((one) => one !== undefined)
  return {
    ...(auth !== undefined && { auth: auth === false ? null : auth }),
    ...(shows && { client_certificate: certificate === false ? null : { certificate, key, ca } }),
  }
}
