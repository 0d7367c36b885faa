using System.Diagnostics;

namespace SnapBackup.Kernel.Linux;

/// <summary>A program of the system that speaks to the kernel. Its messages are not translated.</summary>
internal sealed class SystemTool
{
    /// <summary>How long one may take. Unmounting writes what is dirty back, which may be much.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly string _name;
    private readonly string _path;

    private SystemTool(string name, string path)
    {
        _name = name;
        _path = path;
    }

    /// <summary>Finds one; null when it is not installed.</summary>
    public static SystemTool? Find(string name)
    {
        var path = $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/sbin"
            .Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);
        return path is null ? null : new SystemTool(name, path);
    }

    /// <summary>Finds one.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="package">The package that has it, on Debian.</param>
    /// <exception cref="KernelException"><see cref="KernelError.ToolMissing"/>.</exception>
    public static SystemTool Get(string name, string package) => Find(name) ?? throw new KernelException(
        KernelError.ToolMissing, $"{name} is not installed. Install the package {package} (its name on Debian), or add the folder of {name} to PATH.");

    /// <summary>Runs it to its end.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <param name="arguments">What it is given.</param>
    /// <exception cref="KernelException"><see cref="KernelError.ToolTimeout"/>: it was ended.</exception>
    public async Task<ToolOutcome> RunAsync(CancellationToken cancellationToken, params IReadOnlyList<string> arguments)
    {
        using var process = Start(arguments);
        process.StandardInput.Close();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var error = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
            return new ToolOutcome(_name, process.ExitCode, await output.ConfigureAwait(false), await error.ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellationToken.ThrowIfCancellationRequested();
            throw new KernelException(
                KernelError.ToolTimeout, $"{_name} {string.Join(' ', arguments)}: it did not end within {Limit}. Look at the kernel's log (dmesg), and try again.");
        }
    }

    /// <summary>Starts it with its input and output in our hands.</summary>
    /// <param name="arguments">What it is given.</param>
    /// <returns>The program; the caller disposes it.</returns>
    public Process Start(params IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(_path, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["LC_ALL"] = "C";
        return Process.Start(start) ?? throw new InvalidOperationException($"{_path} did not start.");
    }
}
