/** The first window that covers a place, counted from where the first window begins. */
export function firstWindow(place: i32, window: i32, stride: i32): i32 {
  return place < window ? 0 : (place - window) / stride + 1;
}
