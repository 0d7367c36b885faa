using System.Globalization;
using System.Management.Automation.Host;
using System.Text;

namespace SnapBackup.Module.Tests.Hosting;

/// <summary>A host without a screen that keeps what PowerShell shows.</summary>
public sealed class RecordingHost : PSHost
{
    private readonly RecordingUserInterface _userInterface = new();

    public StringBuilder Screen => _userInterface.Screen;

    public Queue<string> Answers => _userInterface.Answers;

    public override CultureInfo CurrentCulture => CultureInfo.InvariantCulture;

    public override CultureInfo CurrentUICulture => CultureInfo.InvariantCulture;

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override string Name => "SnapBackup tests";

    public override PSHostUserInterface UI => _userInterface;

    public override Version Version { get; } = new(1, 0);

    public override void EnterNestedPrompt() => throw new NotSupportedException();

    public override void ExitNestedPrompt() => throw new NotSupportedException();

    public override void NotifyBeginApplication()
    {
    }

    public override void NotifyEndApplication()
    {
    }

    public override void SetShouldExit(int exitCode) => throw new NotSupportedException("A suite asked the process to exit.");
}
