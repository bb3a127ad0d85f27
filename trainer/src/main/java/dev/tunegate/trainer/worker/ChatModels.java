package dev.tunegate.trainer.worker;

import dev.tunegate.trainer.checkpoint.InvalidCheckpoint;
import dev.tunegate.trainer.generation.ModelPredictor;
import dev.tunegate.trainer.inference.LocalModel;
import dev.tunegate.trainer.inference.RequestError;
import dev.tunegate.trainer.inference.ServedModel;
import dev.tunegate.trainer.lora.Adapter;
import dev.tunegate.trainer.model.Weights;
import dev.tunegate.trainer.stop.Stop;
import dev.tunegate.trainer.worker.GatewayException.Refused;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The models that chat requests are answered with: base models, and fine-tuned ones as their base with the adapter
 * beside it, fetched from the gateway. All requests for one name share one predictor, so that they run in one batch.
 */
public final class ChatModels implements ServedModel.Source, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ChatModels.class);
    private static final String FINE_TUNED = "ft:";

    /** Adapters that stay in memory, and keep their base there, while nobody asks for them. */
    private static final int MOST_IDLE = 4;

    private final LoadedModels models;
    private final GatewayClient gateway;
    private final Path workDir;

    /** The entries stand in the order of their last use, the oldest first; this guards them and their users. */
    private final Map<String, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

    /** @param workDir where an adapter is unpacked while it is read */
    public ChatModels(LoadedModels models, GatewayClient gateway, Path workDir) {
        this.models = models;
        this.gateway = gateway;
        this.workDir = workDir;
    }

    @Override
    public ServedModel open(String name) throws InterruptedException {
        Entry entry;
        synchronized (this) {
            entry = entries.computeIfAbsent(name, Entry::new);
            entry.users++;
        }
        boolean opened = false;
        try {
            ServedModel model = entry.open();
            opened = true;
            return model;
        } catch (BaseModels.UnknownModel e) {
            throw RequestError.modelNotFound(name);
        } catch (Refused e) {
            throw e.status() == 404 ? RequestError.modelNotFound(name) : unavailable(name, e);
        } catch (IOException e) {
            throw unavailable(name, e);
        } finally {
            if (!opened) {
                release(entry);
            }
        }
    }

    private static RequestError unavailable(String name, IOException cause) {
        LOG.warn("Cannot load {}: {}", name, cause.getMessage());
        return RequestError.unavailable("The model '%s' cannot be loaded now, please try again later.".formatted(name));
    }

    private synchronized void release(Entry entry) {
        entry.users--;
        long idle = entries.values().stream().filter(Entry::keptIdle).count();
        Iterator<Entry> oldestFirst = entries.values().iterator();
        while (oldestFirst.hasNext()) {
            Entry candidate = oldestFirst.next();
            if (candidate.users == 0 && (!candidate.keptIdle() || idle > MOST_IDLE)) {
                idle -= candidate.keptIdle() ? 1 : 0;
                candidate.unload();
                oldestFirst.remove();
            }
        }
    }

    @Override
    public synchronized void close() {
        entries.values().forEach(Entry::unload);
        entries.clear();
    }

    /** One name; its own lock is held while it loads, so that others can be used meanwhile. */
    private final class Entry {
        private final String name;
        private int users;
        private LoadedModels.@Nullable Use base;
        private volatile @Nullable Adapter adapter;
        private @Nullable ModelPredictor predictor;

        Entry(String name) {
            this.name = name;
        }

        synchronized ServedModel open() throws IOException, InterruptedException {
            if (predictor == null) {
                load();
            }
            LoadedModels.Use use = Objects.requireNonNull(base);
            return new LocalModel(
                    Objects.requireNonNull(predictor), use.tokenizer(), use.template(), () -> release(this));
        }

        private void load() throws IOException, InterruptedException {
            boolean tuned = name.startsWith(FINE_TUNED);
            LoadedModels.Use use =
                    models.use(tuned ? gateway.describeModel(name).baseModel() : name, Stop.NEVER);
            base = use;
            try {
                Weights weights = tuned ? adapter(use).weights() : use.model().weights();
                predictor = new ModelPredictor(use.model(), weights);
            } finally {
                if (predictor == null) {
                    unload();
                }
            }
        }

        private Adapter adapter(LoadedModels.Use use) throws IOException, InterruptedException {
            try (WorkDirectory directory = new WorkDirectory(workDir)) {
                Path zip = directory.resolve("adapter.zip");
                gateway.downloadAdapter(name, zip);
                Adapter loaded = read(zip, directory.resolve("adapter"), use);
                adapter = loaded;
                LOG.info("Loaded the adapter of {}", name);
                return loaded;
            }
        }

        private Adapter read(Path zip, Path peft, LoadedModels.Use use) throws IOException {
            try {
                AdapterZip.unpack(zip, peft, Stop.NEVER);
                return Adapter.load(peft, use.model());
            } catch (ZipException | InvalidCheckpoint e) {
                LOG.error("The adapter of {} is broken: {}", name, e.getMessage());
                throw RequestError.brokenModel(
                        "The adapter of '%s' is broken and cannot be loaded: train it again.".formatted(name));
            }
        }

        /** A base model's predictor costs nothing, so only what has an adapter is worth keeping. */
        boolean keptIdle() {
            return users == 0 && adapter != null;
        }

        synchronized void unload() {
            predictor = null;
            Adapter loaded = adapter;
            adapter = null;
            if (loaded != null) {
                loaded.close();
            }
            LoadedModels.Use use = base;
            base = null;
            if (use != null) {
                use.close();
            }
        }
    }
}
