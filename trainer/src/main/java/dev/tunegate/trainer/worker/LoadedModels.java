package dev.tunegate.trainer.worker;

import dev.tunegate.trainer.checkpoint.ModelConfig;
import dev.tunegate.trainer.model.ComputeType;
import dev.tunegate.trainer.model.LanguageModel;
import dev.tunegate.trainer.stop.Stop;
import dev.tunegate.trainer.text.ChatTemplate;
import dev.tunegate.trainer.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The base models in memory, shared by training and chat. A model stays loaded after its last use until its memory is
 * needed for another; the one that was not used for longest goes first.
 */
public final class LoadedModels implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LoadedModels.class);

    private static final Duration LOOK_EVERY = Duration.ofMillis(100);

    private final BaseModels models;
    private final @Nullable ComputeType type;
    private final long memoryBytes;

    /** The entries stand in the order of their last use, the oldest first; this guards them and their users. */
    private final Map<String, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

    /**
     * Loads models of some directories.
     *
     * @param type what they compute in; null where it follows the model
     * @param memoryBytes about how much they may take; a single larger one is loaded all the same
     */
    public LoadedModels(BaseModels models, @Nullable ComputeType type, long memoryBytes) {
        this.models = models;
        this.type = type;
        this.memoryBytes = memoryBytes;
    }

    /**
     * A model to work with, loaded first if need be; the caller closes its use.
     *
     * @param stop ends the loading, and the wait for somebody else's
     * @throws BaseModels.UnknownModel when there is none of that name
     */
    public Use use(String id, Stop stop) throws IOException, InterruptedException {
        Path directory = models.directory(id);
        Entry entry;
        synchronized (this) {
            entry = entries.computeIfAbsent(id, absent -> new Entry(id, directory));
            entry.users++;
        }
        try {
            return new Use(entry, entry.load(stop));
        } catch (IOException | InterruptedException | RuntimeException e) {
            release(entry);
            throw e;
        }
    }

    /**
     * What is known of a model without loading it.
     *
     * @param loaded whether it is in memory all the same
     */
    public record Description(Path directory, ModelConfig config, ComputeType type, boolean loaded) {}

    /**
     * A model as it is or will be loaded.
     *
     * @throws BaseModels.UnknownModel when there is none of that name
     */
    public Description describe(String id) throws IOException {
        Path directory = models.directory(id);
        Entry entry;
        synchronized (this) {
            entry = entries.get(id);
        }
        Loaded ready = entry == null ? null : entry.loaded;
        if (ready != null) {
            return new Description(directory, ready.model.config(), ready.choice.type(), true);
        }
        ModelConfig config = ModelConfig.read(directory.resolve("config.json"));
        return new Description(directory, config, choose(config).type(), false);
    }

    private ComputeType.Choice choose(ModelConfig config) {
        return ComputeType.choose(type, config);
    }

    /** Unloads the models that nobody uses, but for one. */
    public synchronized void unloadUnused(String except) {
        Iterator<Entry> all = entries.values().iterator();
        while (all.hasNext()) {
            Entry entry = all.next();
            if (entry.users == 0 && !entry.id.equals(except)) {
                entry.unload();
                all.remove();
            }
        }
    }

    @Override
    public synchronized void close() {
        entries.values().forEach(Entry::unload);
        entries.clear();
    }

    private synchronized void release(Entry entry) {
        entry.users--;
        makeRoom(0);
    }

    /** Unloads what nobody uses until so many more bytes fit. */
    private synchronized void makeRoom(long more) {
        long used = entries.values().stream().mapToLong(Entry::loadedBytes).sum();
        Iterator<Entry> oldestFirst = entries.values().iterator();
        while (used + more > memoryBytes && oldestFirst.hasNext()) {
            Entry entry = oldestFirst.next();
            if (entry.users == 0) {
                used -= entry.loadedBytes();
                entry.unload();
                oldestFirst.remove();
            }
        }
    }

    /** A loaded model with its text side. */
    private record Loaded(
            LanguageModel model, ComputeType.Choice choice, Tokenizer tokenizer, ChatTemplate template, long bytes) {}

    /** One model; its own lock is held while it loads, so that others can be used meanwhile. */
    private final class Entry {
        private final Lock loading = new ReentrantLock();
        private final String id;
        private final Path directory;
        private int users;
        private volatile @Nullable Loaded loaded;

        Entry(String id, Path directory) {
            this.id = id;
            this.directory = directory;
        }

        Loaded load(Stop stop) throws IOException, InterruptedException {
            while (!loading.tryLock(LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS)) {
                stop.check();
            }
            try {
                return loadAlone(stop);
            } finally {
                loading.unlock();
            }
        }

        private Loaded loadAlone(Stop stop) throws IOException {
            Loaded ready = loaded;
            if (ready == null) {
                long bytes = weightBytes(directory);
                makeRoom(bytes);
                long start = System.nanoTime();
                ready = read(bytes, stop);
                loaded = ready;
                LOG.info(
                        "Loaded {} as {} ({}) in {} ms",
                        id,
                        ready.choice.type(),
                        ready.choice.reason(),
                        (System.nanoTime() - start) / 1_000_000);
            }
            return ready;
        }

        private Loaded read(long bytes, Stop stop) throws IOException {
            ChatTemplate template = ChatTemplate.load(directory);
            Tokenizer tokenizer = Tokenizer.load(directory);
            try {
                ComputeType.Choice choice = choose(ModelConfig.read(directory.resolve("config.json")));
                LanguageModel model = LanguageModel.load(directory, choice.type(), stop);
                return new Loaded(model, choice, tokenizer, template, bytes);
            } catch (IOException | RuntimeException e) {
                tokenizer.close();
                throw e;
            }
        }

        long loadedBytes() {
            Loaded ready = loaded;
            return ready == null ? 0 : ready.bytes;
        }

        void unload() {
            Loaded ready = loaded;
            loaded = null;
            if (ready != null) {
                ready.model.close();
                ready.tokenizer.close();
                LOG.info("Unloaded {}", id);
            }
        }
    }

    private static long weightBytes(Path directory) throws IOException {
        long bytes = 0;
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.filter(path -> path.toString().endsWith(".safetensors"))
                    .toList()) {
                bytes += Files.size(file);
            }
        }
        return bytes;
    }

    /** One user's hold on a loaded model. */
    public final class Use implements AutoCloseable {
        private final Entry entry;
        private final Loaded loaded;
        private boolean closed;

        private Use(Entry entry, Loaded loaded) {
            this.entry = entry;
            this.loaded = loaded;
        }

        public LanguageModel model() {
            return loaded.model;
        }

        public Tokenizer tokenizer() {
            return loaded.tokenizer;
        }

        public ChatTemplate template() {
            return loaded.template;
        }

        /** Says that this user no longer needs the model. */
        @Override
        public synchronized void close() {
            if (!closed) {
                closed = true;
                release(entry);
            }
        }
    }
}
