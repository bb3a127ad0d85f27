package dev.tunegate.gateway.config;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads the names that stand for others. */
final class AliasReader {
    private static final String NAME = "[\\x21-\\x7e]{1,256}";

    private final Section.Reading reading;
    private final Map<String, String> aliases = new LinkedHashMap<>();
    private final Map<String, Integer> lines = new HashMap<>();

    private AliasReader(Section.Reading reading) {
        this.reading = reading;
    }

    static Map<String, String> read(Section.Reading reading, Yaml.Keys keys, List<Upstream> upstreams) {
        AliasReader reader = new AliasReader(reading);
        List<String> names =
                keys.entries().stream().map(Yaml.Entry::key).distinct().toList();
        Section section = new Section(reading, "aliases", keys, names);
        keys.entries().forEach(entry -> reader.lines.putIfAbsent(entry.key(), entry.line()));
        names.forEach(name -> reader.read(section, name));
        reader.reportLoops();
        reader.reportClaimed(upstreams);
        return reader.aliases;
    }

    private void read(Section section, String name) {
        if (!name.matches(NAME) || name.startsWith("ft:")) {
            section.problem(name, "an alias has 1 to 256 visible ASCII characters, and does not begin with ft:");
        }
        Value target = section.text(name);
        if (target == null) {
            return;
        }
        if (!target.text().matches(NAME)) {
            section.problem(name, "takes the name of a model" + target.not());
        }
        aliases.put(name, target.text());
    }

    /** Reports each loop once, at its alias that comes first in the file. */
    private void reportLoops() {
        Set<String> reported = new LinkedHashSet<>();
        for (String alias : aliases.keySet()) {
            Set<String> way = new LinkedHashSet<>();
            String at = alias;
            while (aliases.containsKey(at) && way.add(at)) {
                at = aliases.get(at);
            }
            if (at.equals(alias) && way.contains(alias) && !reported.contains(alias)) {
                reported.addAll(way);
                report(alias, "leads back to itself: " + String.join(" → ", way) + " → " + alias);
            }
        }
    }

    /** An upstream's glob gives way to an alias; a name that it spells out says the opposite of the alias. */
    private void reportClaimed(List<Upstream> upstreams) {
        for (String alias : aliases.keySet()) {
            boolean claimed = upstreams.stream()
                    .flatMap(upstream -> upstream.models().stream())
                    .anyMatch(glob -> glob.isName() && glob.matches(alias));
            if (claimed) {
                report(alias, "an upstream has this model, too; take it out of one of the two");
            }
        }
    }

    private void report(String alias, String message) {
        reading.problems().add(lines.getOrDefault(alias, ConfigurationErrors.NO_LINE), "aliases." + alias, message);
    }
}
