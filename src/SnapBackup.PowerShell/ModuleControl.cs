using System.Management.Automation.Runspaces;
using SnapBackup.Control;

namespace SnapBackup.PowerShell;

/// <summary>
/// What the cmdlets of one session work on. A session (a runspace) that imports the module has devices of its own, from its
/// first cmdlet on until the module is removed or imported again, the session closes, or the process exits: then its runs
/// are interrupted and its devices let go, whose snapshots stay on their logs.
/// </summary>
public sealed class ModuleControl : IDisposable
{
    private const string SocketName = "nbd.sock";

    /// <summary>Guards <see cref="Sessions"/>; nothing is waited for while it is held.</summary>
    private static readonly Lock Gate = new();
    private static readonly Dictionary<Guid, ModuleControl> Sessions = [];

    private readonly Runspace _session;
    private readonly string _socketFolder;
    private readonly SnapBackupControl _control;

    private ModuleControl(Runspace session)
    {
        _session = session;
        _socketFolder = SocketFolder.Create(SocketName);
        _control = new SnapBackupControl(StateFolder.Default, Path.Combine(_socketFolder, SocketName), TimeProvider.System);
        _session.StateChanged += OnSessionStateChanged;
        AppDomain.CurrentDomain.ProcessExit += OnProcessExit;
    }

    /// <summary>The one of the session that the calling thread runs; made when it is first needed.</summary>
    internal static SnapBackupControl Current
    {
        get
        {
            var session = Runspace.DefaultRunspace;
            lock (Gate)
            {
                if (!Sessions.TryGetValue(session.InstanceId, out var found))
                    Sessions.Add(session.InstanceId, found = new ModuleControl(session));
                return found._control;
            }
        }
    }

    /// <summary>Ends that of the calling session, because the module is removed; waits until all is let go.</summary>
    public static void Close() => Close(Runspace.DefaultRunspace);

    /// <summary>Lets go all that the session has attached, and waits for it.</summary>
    public void Dispose()
    {
        _session.StateChanged -= OnSessionStateChanged;
        AppDomain.CurrentDomain.ProcessExit -= OnProcessExit;
        try
        {
            // On the pool: whatever thread this is, the work does not need it and may be waited for.
            Task.Run(() => _control.DisposeAsync().AsTask()).GetAwaiter().GetResult();
        }
        finally
        {
            DeleteSocketFolder();
        }
    }

    private static void Close(Runspace session)
    {
        ModuleControl? closing;
        lock (Gate)
            Sessions.Remove(session.InstanceId, out closing);
        closing?.Dispose();
    }

    private void DeleteSocketFolder()
    {
        try
        {
            Directory.Delete(_socketFolder, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Gone already: a runtime folder goes when its user logs out. The module must be removable all the same.
        }
    }

    private void OnSessionStateChanged(object? sender, RunspaceStateEventArgs change)
    {
        if (change.RunspaceStateInfo.State is RunspaceState.Closed or RunspaceState.Broken)
            Close(_session);
    }

    private void OnProcessExit(object? sender, EventArgs e) => Close(_session);
}
