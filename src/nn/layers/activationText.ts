/** An activation as the page writes it behind what a layer does. */
export function activationText(name: string): string {
  return name === 'linear' ? '' : `, ${name === 'relu' ? 'ReLU' : name}`;
}
