/** Where people open the desk. */

/** An origin: links in letters lead there and nowhere else, whatever a request calls its host. */
export function publicUrlFrom(environment: NodeJS.ProcessEnv): string {
  const text = environment['DROVER_PUBLIC_URL'] ?? '';
  if (text === '') return '';
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.pathname !== '/' || url.search !== '' || url.hash !== '' || url.username !== '')
    throw new Error(`DROVER_PUBLIC_URL must be where people open the desk, such as https://desk.example.com, not "${text}".`);
  return url.origin;
}
