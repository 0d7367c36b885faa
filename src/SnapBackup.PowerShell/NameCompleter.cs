using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using SnapBackup.Control;

namespace SnapBackup.PowerShell;

/// <summary>Completes an argument with the names of what there is in the session.</summary>
internal abstract class NameCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        NamesIn(ModuleControl.Current, fakeBoundParameters)
            .Where(name => name.StartsWith(wordToComplete, StringComparison.OrdinalIgnoreCase))
            .Select(name => new CompletionResult(name));

    /// <summary>All names that there are.</summary>
    /// <param name="control">What the session works on.</param>
    /// <param name="given">The arguments that the line has so far, by parameter.</param>
    protected abstract IEnumerable<string> NamesIn(SnapBackupControl control, IDictionary given);
}
