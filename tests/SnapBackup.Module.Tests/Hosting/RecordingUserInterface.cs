using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;
using System.Text;
using System.Text.RegularExpressions;

namespace SnapBackup.Module.Tests.Hosting;

/// <summary>Keeps all text without its colours; a question is answered as was prepared, and there is nobody to answer any other.</summary>
internal sealed partial class RecordingUserInterface : PSHostUserInterface
{
    public StringBuilder Screen { get; } = new();

    /// <summary>The choices that will be made, in this order, by their labels.</summary>
    public Queue<string> Answers { get; } = new();

    public override PSHostRawUserInterface RawUI { get; } = new RecordingScreen();

    public override void Write(string value) => Screen.Append(Colours().Replace(value, ""));

    public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) => Write(value);

    public override void WriteLine(string value) => Write($"{value}\n");

    public override void WriteErrorLine(string value) => WriteLine(value);

    public override void WriteDebugLine(string message) => WriteLine($"DEBUG: {message}");

    public override void WriteVerboseLine(string message) => WriteLine($"VERBOSE: {message}");

    public override void WriteWarningLine(string message) => WriteLine($"WARNING: {message}");

    public override void WriteProgress(long sourceId, ProgressRecord record)
    {
        // Tests read progress from the stream of the pipeline.
    }

    public override string ReadLine() => throw NobodyThere();

    public override SecureString ReadLineAsSecureString() => throw NobodyThere();

    public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions) =>
        throw NobodyThere();

    public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
    {
        if (!Answers.TryDequeue(out var answer))
            throw NobodyThere();
        WriteLine(message);
        return choices.IndexOf(choices.Single(choice => choice.Label.Replace("&", "", StringComparison.Ordinal).Equals(answer, StringComparison.Ordinal)));
    }

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) =>
        throw NobodyThere();

    public override PSCredential PromptForCredential(
        string caption,
        string message,
        string userName,
        string targetName,
        PSCredentialTypes allowedCredentialTypes,
        PSCredentialUIOptions options) => throw NobodyThere();

    private static NotSupportedException NobodyThere() => new("The test asked a question that nobody is there to answer.");

    [GeneratedRegex("\e\\[[0-9;]*m", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Colours();
}
