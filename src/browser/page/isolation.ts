/** Cross-origin isolation, without which there is one thread: by the server's headers, or else by our service worker. */

const TRIED = 'simdnet.isolation';

/** How long to wait for the service worker, in milliseconds. */
const PATIENCE = 3000;

/** @returns false if the page is being loaded again, now through the service worker */
export async function seekIsolation(): Promise<boolean> {
  if (crossOriginIsolated || !isSecureContext || !('serviceWorker' in navigator)) return true;
  try {
    // Once a tab: where it does not help, the page works with one thread.
    if (sessionStorage.getItem(TRIED)) return true;
    sessionStorage.setItem(TRIED, 'yes');
    await navigator.serviceWorker.register('serviceWorker.js');
    if (!(await inControl())) return true;
  } catch {
    return true;
  }
  location.reload();
  return false;
}

/** Whether the service worker takes over in time. */
function inControl(): Promise<boolean> {
  if (navigator.serviceWorker.controller) return Promise.resolve(true);
  return new Promise((resolve) => {
    navigator.serviceWorker.addEventListener('controllerchange', () => {
      resolve(true);
    });
    setTimeout(() => {
      resolve(false);
    }, PATIENCE);
  });
}
