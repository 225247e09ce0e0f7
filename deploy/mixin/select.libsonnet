// Puts _config.selector into every selector of an exported series, in an expression or an annotation's queries. By
// construction, so that no rule can forget it; recorded series, which have a `:`, stay as they are. Character by character, for
// jsonnet's own functions on strings are slow.
local nameChars = { [char]: true for char in std.stringChars('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_:') };
local isName(char) = std.objectHas(nameChars, char);
local start(text, at) = if at > 0 && isName(text[at - 1]) then start(text, at - 1) else at;
local isOurs(name) = std.startsWith(name, 'storage_') || std.startsWith(name, 'replication_exporter_');

function(text, selector)
  local padded = text + ' ';
  local endsOurs(at) =
    at > 0 && !isName(padded[at]) && isName(padded[at - 1])
    && (local from = start(padded, at); isOurs(std.substr(padded, from, at - from)));
  if selector == '' then text
  else std.join('', [
    if !endsOurs(at) then padded[at]
    else if padded[at] == '{' then '{' + selector + ', '
    else '{' + selector + '}' + padded[at]
    for at in std.range(0, std.length(text))
  ])
