/** What layers are called as attributes of a Python class. */

/** Words of Python, attributes of nn.Module that are in the way, and what the class' own code calls things. */
const TAKEN: readonly string[] = [
  'False None True and as assert async await break class continue def del elif else except finally for from global if',
  'import in is lambda nonlocal not or pass raise return try while with yield',
  'T_destination add_module apply bfloat16 buffers call_super_init children compile cpu cuda double dump_patches eval',
  'extra_repr float forward get_buffer get_extra_state get_parameter get_submodule half ipu load_state_dict modules mtia',
  'named_buffers named_children named_modules named_parameters parameters register_backward_hook register_buffer',
  'register_forward_hook register_forward_pre_hook register_full_backward_hook register_full_backward_pre_hook',
  'register_load_state_dict_post_hook register_load_state_dict_pre_hook register_module register_parameter',
  'register_state_dict_post_hook register_state_dict_pre_hook requires_grad_ set_extra_state set_submodule share_memory',
  'state_dict to to_empty train training type xpu zero_grad',
  'CLASS_NAMES F Network average_pool images nn self super torch x',
].flatMap((line) => line.split(' '));

/**
 * The identifiers of layers: their names, but for what Python cannot have, and a number behind what is taken.
 * @param layers  with what may stand behind their identifiers to make more
 */
export function identifiers(
  layers: readonly { readonly name: string; readonly suffixes: readonly string[] }[],
): string[] {
  const taken = new Set(TAKEN);
  const counts = new Map<string, number>();
  return layers.map(({ name, suffixes }) => {
    const base = name.replace(/\W/g, '_').replace(/^(?=\d|__)/, 'layer_');
    const allOf = (identifier: string): string[] => [
      identifier,
      ...suffixes.map((suffix) => `${identifier}_${suffix}`),
    ];
    let identifier = base;
    let count = counts.get(base) ?? 0;
    while (allOf(identifier).some((each) => taken.has(each))) identifier = `${base}_${++count}`;
    counts.set(base, count);
    for (const each of allOf(identifier)) taken.add(each);
    return identifier;
  });
}
