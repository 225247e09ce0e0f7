// Puts _config.selector into every selector of an exported series, in an expression or an annotation's queries. By
// construction, so that no rule can forget it; recorded series (after a `:`) stay as they are.
local isName(char) = std.member('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_:', char);
local nameLength(text, at) = if at < std.length(text) && isName(text[at]) then nameLength(text, at + 1) else at;

function(text, selector)
  local one(text, prefix) =
    local parts = std.split(text, prefix);
    std.join('', [
      if index == 0 then parts[0]
      else
        local before = parts[index - 1];
        local part = parts[index];
        local end = nameLength(part, 0);
        local rest = std.substr(part, end, std.length(part));
        prefix + (
          if before != '' && isName(before[std.length(before) - 1]) then part
          else std.substr(part, 0, end) + (
            if std.startsWith(rest, '{') then '{' + selector + ', ' + std.substr(rest, 1, std.length(rest))
            else '{' + selector + '}' + rest
          )
        )
      for index in std.range(0, std.length(parts) - 1)
    ]);
  if selector == '' then text else std.foldl(one, ['storage_', 'replication_exporter_'], text)
