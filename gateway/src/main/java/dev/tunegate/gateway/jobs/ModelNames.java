package dev.tunegate.gateway.jobs;

import dev.tunegate.gateway.db.Ids;

/** Names of fine-tuned models: {@code ft:{base}:{organisation}:{suffix}:{8 letters and digits}}. */
public final class ModelNames {
    private ModelNames() {}

    static String fineTuned(Job job) {
        String suffix =
                job.request().suffix() == null ? "" : plain(job.request().suffix());
        return "ft:" + job.baseModel() + ":" + organization(job.project()) + ":" + suffix + ":" + Ids.random("", 8);
    }

    static String checkpoint(Job job, int step) {
        return fineTuned(job) + ":ckpt-step-" + step;
    }

    /** The organisation's slug: the project's name. */
    public static String organization(String project) {
        return plain(project);
    }

    /** Colons separate a name's parts, and the whole stands in URLs. */
    private static String plain(String part) {
        return part.replaceAll("[^A-Za-z0-9._-]", "-");
    }
}
