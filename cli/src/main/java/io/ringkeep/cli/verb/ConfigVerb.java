package io.ringkeep.cli.verb;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.ringkeep.cli.session.Answer;
import io.ringkeep.cli.session.Choices;
import io.ringkeep.cli.session.Session;
import io.ringkeep.cli.session.Settings;
import io.ringkeep.cli.session.Verb;
import io.ringkeep.cli.text.DurationText;
import io.ringkeep.cli.text.Table;
import io.ringkeep.config.ConfigFile;
import io.ringkeep.config.Setting;
import io.ringkeep.placement.StorageNode;
import io.ringkeep.placement.Strategy;
import io.ringkeep.store.url.StoreUrl;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Spec;

/// `ringkeep config`.
@Command(
    name = "config",
    header = "Shows which settings are in force, and why.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = ConfigVerb.Explain.class,
    footerHeading = "%nExample:%n",
    footer = "  ringkeep config explain -c ringkeep.yaml")
final class ConfigVerb {

  /// Gives `explain` the options that settings stand in for, so that it can be asked about them.
  ///
  /// @param root all commands
  /// @param explain that command among them
  static void lendOptions(CommandLine root, CommandSpec explain) {
    for (Setting setting : Setting.values()) {
      if (explain.findOption(setting.option()) == null) {
        options(root)
            .filter(option -> setting.option().equals(option.longestName()))
            .findFirst()
            .ifPresent(option ->
                explain.addOption(OptionSpec.builder(option).required(false).hidden(true).build()));
      }
    }
  }

  private static Stream<OptionSpec> options(CommandLine command) {
    return Stream.concat(
        command.getCommandSpec().options().stream(),
        command.getSubcommands().values().stream().flatMap(ConfigVerb::options));
  }

  /// `ringkeep config explain`.
  @Command(
      name = "explain",
      header = "Says where each setting comes from: option, environment, file, default.",
      description = {
        "",
        "Takes the options of the other commands, too, to show what they change. Secrets are not"
            + " shown."
      },
      footerHeading = "%nExample:%n",
      footer = {
        "  ringkeep config explain -c ringkeep.yaml",
        "  ringkeep config explain -c ringkeep.yaml --max-lag 2s"
      })
  static final class Explain implements Verb {
    private static final Pattern USER_INFO = Pattern.compile("(?<=://)[^/@\\s]*:[^@\\s]*@");
    private static final String HIDDEN = "(not shown)";

    @Spec private @Nullable CommandSpec spec;

    /// What `config explain` reports.
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record ConfigView(
        @Nullable String file,
        List<SettingView> settings,
        @Nullable String strategy,
        List<NodeView> nodes) {}

    /// A setting.
    ///
    /// @param value null for one that has none
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record SettingView(String setting, @Nullable String value, String origin) {}

    /// A storage node of the file.
    record NodeView(String id, String url, double weight, String zone, String tier, int line) {
      static NodeView of(ConfigFile.NodeEntry entry) {
        StorageNode node = entry.node();
        return new NodeView(
            node.id(),
            StoreUrl.parse(entry.url()).toString(),
            node.weight(),
            node.zone(),
            Choices.word(node.tier()),
            entry.line());
      }
    }

    @Override
    public Answer run(Session session) {
      Settings settings = session.settings();
      List<SettingView> views = new ArrayList<>();
      for (Setting setting : Setting.values()) {
        views.add(view(setting, settings));
      }
      Optional<ConfigFile> file = settings.file();
      ConfigView view =
          new ConfigView(
              file.map(config -> config.path().toString()).orElse(null),
              views,
              file.flatMap(ConfigFile::strategy).map(Strategy::toString).orElse(null),
              file.stream().flatMap(config -> config.nodes().stream()).map(NodeView::of).toList());
      return Answer.done(view, text(view));
    }

    private SettingView view(Setting setting, Settings settings) {
      String name = setting.toString();
      OptionSpec option = option(setting);
      if (option != null && given(option)) {
        return new SettingView(
            name, shown(setting, option.stringValues().getLast()), option.longestName());
      }
      Optional<String> secret = setting.secretVariable().filter(settings::isSet);
      if (secret.isPresent()) {
        return new SettingView(name, HIDDEN, "$" + secret.get());
      }
      Optional<Settings.Found> found = settings.find(setting);
      if (found.isPresent()) {
        return new SettingView(name, shown(setting, found.get().value()), found.get().origin());
      }
      if (setting == Setting.REPOSITORY && settings.file().isPresent()) {
        ConfigFile file = settings.file().get();
        if (file.nodesLine().isPresent()) {
          return new SettingView(
              name, file.nodes().size() + " nodes", file.place(file.nodesLine().getAsInt()));
        }
      }
      return new SettingView(name, initial(option), "default");
    }

    private @Nullable OptionSpec option(Setting setting) {
      /* Two settings share --limit; that of 'backup' is the one which is lent. */
      return spec == null || setting == Setting.REBALANCE_LIMIT
          ? null
          : spec.findOption(setting.option());
    }

    private boolean given(OptionSpec option) {
      return spec != null
          && spec.commandLine().getParseResult().originalArgs().stream()
              .anyMatch(argument ->
                  Stream.of(option.names())
                      .anyMatch(name ->
                          argument.equals(name)
                              || argument.startsWith(name + "=")
                              || (!name.startsWith("--") && argument.startsWith(name))));
    }

    private static @Nullable String initial(@Nullable OptionSpec option) {
      Object value = option == null ? null : option.initialValue();
      return switch (value) {
        case null -> null;
        case Duration duration -> DurationText.format(duration);
        case Enum<?> word -> Choices.word(word);
        case String text -> text.isEmpty() ? null : text;
        default -> value.toString();
      };
    }

    /// A password in a URL is refused by whoever opens it; here it must not be seen either.
    private static String shown(Setting setting, String value) {
      return setting == Setting.REPOSITORY
          ? StoreUrl.parse(value).toString()
          : USER_INFO.matcher(value).replaceAll("***@");
    }

    private static List<String> text(ConfigView view) {
      Table table = new Table("SETTING", "VALUE", "FROM");
      for (SettingView setting : view.settings()) {
        table.row(
            setting.setting(),
            Optional.ofNullable(setting.value()).orElse("none"),
            setting.origin());
      }
      List<String> lines = new ArrayList<>(table.lines());
      if (!view.nodes().isEmpty()) {
        lines.add("");
        lines.add(
            "strategy of a new repository: "
                + Optional.ofNullable(view.strategy()).orElse("none is named"));
        Table nodes = new Table("NODE", ">WEIGHT", "ZONE", "TIER", "URL", ">LINE");
        for (NodeView node : view.nodes()) {
          nodes.row(
              node.id(),
              NodesView.number(node.weight()),
              node.zone(),
              node.tier(),
              node.url(),
              Integer.toString(node.line()));
        }
        lines.addAll(nodes.lines());
      }
      return lines;
    }
  }
}
