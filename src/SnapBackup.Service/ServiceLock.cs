using System.Globalization;
using SnapBackup.Control;

namespace SnapBackup.Service;

/// <summary>
/// One service a state folder: a lock on a file in it, which the kernel lets go when the process dies, however it dies.
/// The file holds the process number for the message to a second one; it stays, because removing a lock's file lets two
/// processes lock two files of one name.
/// </summary>
internal sealed class ServiceLock : IDisposable
{
    private const int LongestProcessId = 10;

    private readonly FileStream _file;

    private ServiceLock(FileStream file) => _file = file;

    /// <summary>Makes the folder when it is missing, for its owner only, and takes the lock.</summary>
    /// <exception cref="ServiceException"><see cref="ServiceError.AlreadyRunning"/> or <see cref="ServiceError.StateFolderUnusable"/>.</exception>
    public static ServiceLock Acquire(StateFolder state)
    {
        var file = Open(state);
        try
        {
            file.Lock(0, LongestProcessId);
            file.SetLength(0);
            file.Write(System.Text.Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
            file.Flush();
            return new ServiceLock(file);
        }
        catch (IOException exception)
        {
            var owner = ReadOwner(file);
            file.Dispose();
            throw new ServiceException(
                ServiceError.AlreadyRunning, $"{state.Path}: process {owner} runs the jobs of this folder already. Stop it, or name another folder.", exception);
        }
    }

    public void Dispose() => _file.Dispose();

    private static FileStream Open(StateFolder state)
    {
        try
        {
            Directory.CreateDirectory(state.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            return new FileStream(Path.Combine(state.Path, "service.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ServiceException(
                ServiceError.StateFolderUnusable, $"{state.Path}: the state folder cannot be used: {exception.Message}", exception);
        }
    }

    private static string ReadOwner(FileStream file)
    {
        var text = new byte[LongestProcessId];
        var length = file.ReadAtLeast(text, text.Length, throwOnEndOfStream: false);
        return System.Text.Encoding.ASCII.GetString(text, 0, length);
    }
}
