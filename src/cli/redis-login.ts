/** Where a Redis is and who logs in, as a connection takes it: the address without the login. */
export interface RedisLogin {
  readonly url: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
}

/**
 * From an address that may have a login inside, `redis://user:password@host:6379/0`; TIDEMARK_REDIS_USERNAME and
 * TIDEMARK_REDIS_PASSWORD are for who keeps it apart. What is no address goes on as it is, for the connection to refuse.
 */
export function redisLogin(
  address: string,
  environment: Readonly<Record<string, string | undefined>>,
): RedisLogin {
  const url = URL.parse(address);
  const { TIDEMARK_REDIS_USERNAME: username, TIDEMARK_REDIS_PASSWORD: password } = environment;
  if (url === null) return { url: address, username, password };
  const inside = { username: decoded(url.username), password: decoded(url.password) };
  url.username = '';
  url.password = '';
  return { url: url.href, username: inside.username ?? username, password: inside.password ?? password };
}

function decoded(part: string): string | undefined {
  if (part === '') return undefined;
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // a % that was meant as one
  }
}
