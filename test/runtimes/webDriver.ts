/** As much of WebDriver (https://www.w3.org/TR/webdriver2/) as it takes to run a script on a page. */
import { TIME_LIMIT } from './runtime.ts';

export interface Session {
  readonly version: string;
  open(url: string): Promise<void>;
  /** What a script gives to its last argument, a function. */
  evaluate<T>(script: string, ...args: readonly unknown[]): Promise<T>;
  end(): Promise<void>;
}

interface Created {
  readonly sessionId: string;
  readonly capabilities: { readonly browserVersion: string };
}

/** @param driver  its address, without a slash at the end */
export async function newSession(driver: string, capabilities: object): Promise<Session> {
  const command = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const response = await fetch(`${driver}/session${path}`, {
      method,
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIME_LIMIT),
    });
    const { value } = (await response.json()) as { value: T & { error?: string; message?: string } };
    if (!response.ok) throw new Error(`WebDriver: ${value.error ?? response.status}: ${value.message ?? ''}`);
    return value;
  };
  const { sessionId, capabilities: found } = await command<Created>('POST', '', {
    capabilities: { alwaysMatch: { ...capabilities, timeouts: { script: TIME_LIMIT } } },
  });
  return {
    version: found.browserVersion,
    open: (url) => command('POST', `/${sessionId}/url`, { url }),
    evaluate: (script, ...args) => command('POST', `/${sessionId}/execute/async`, { script, args }),
    end: () => command('DELETE', `/${sessionId}`),
  };
}
