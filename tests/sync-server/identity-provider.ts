/** A real OpenID provider in this process (oidc-provider), with a sign-in that a test answers for whom it likes. */
import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';

export interface Person {
  readonly sub: string;
  readonly email: string;
  readonly verified: boolean;
  /** How strong the sign-in was; not said unless told. */
  readonly acr?: string;
}
export interface IdentityProvider {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Who signs in next; undefined goes back without signing in. */
  person: Person | undefined;
  close(): Promise<void>;
}

export async function openIdentityProvider(redirectUri: string): Promise<IdentityProvider> {
  const server: Server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const [clientId, clientSecret] = ['drover', 'the-secret-of-the-client'];
  const people = new Map<string, Person>();
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: [redirectUri],
        grant_types: ['authorization_code'],
        response_types: ['code'],
      },
    ],
    acrValues: ['pwd', 'mfa'],
    pkce: { required: () => true },
    claims: { openid: ['sub'], email: ['email', 'email_verified'] },
    conformIdTokenClaims: false,
    features: { devInteractions: { enabled: false } },
    cookies: { keys: ['cookies of a test'] },
    interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_context, sub) => ({
      accountId: sub,
      claims: () => {
        const person = people.get(sub);
        return { sub, email: person?.email, email_verified: person?.verified };
      },
    }),
  });
  const answer: IdentityProvider = {
    issuer,
    clientId,
    clientSecret,
    person: undefined,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
  const handle = provider.callback();
  server.on('request', (request, response) => {
    if (!request.url?.startsWith('/interaction/')) {
      void handle(request, response);
      return;
    }
    const interact = async (): Promise<void> => {
      const { person } = answer;
      if (!person) {
        await provider.interactionFinished(request, response, { error: 'access_denied', error_description: 'went back' });
        return;
      }
      people.set(person.sub, person);
      const { prompt, params, grantId } = await provider.interactionDetails(request, response);
      if (prompt.name === 'login') {
        await provider.interactionFinished(request, response, {
          login: { accountId: person.sub, ...(person.acr === undefined ? {} : { acr: person.acr }) },
        });
        return;
      }
      const grant =
        grantId === undefined
          ? new provider.Grant({ accountId: person.sub, clientId: String(params['client_id']) })
          : await provider.Grant.find(grantId);
      grant?.addOIDCScope('openid email profile');
      await provider.interactionFinished(
        request,
        response,
        { consent: { grantId: await grant?.save() } },
        { mergeWithLastSubmission: true },
      );
    };
    interact().catch((error: Error) => response.writeHead(500).end(error.stack));
  });
  return answer;
}
