using SnapBackup.Archive.Stores;

namespace SnapBackup.Archive.Tests;

public sealed class FolderStoreTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly FolderStore _store;

    public FolderStoreTests() => _store = TestArchive.Store(_folder);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_folder_that_does_not_exist_is_no_store()
    {
        var error = Assert.Throws<ArchiveException>(() => new FolderStore(_folder["nowhere"], TimeProvider.System));

        Assert.Equal(ArchiveError.NotFound, error.Reason);
    }

    [Fact]
    public async Task A_listing_has_the_archives_by_device_and_time()
    {
        var late = await Create("alpha", day: 3);
        var other = await Create("beta", day: 1);
        var early = await Create("alpha", day: 2);

        var listing = await _store.ListAsync();

        Assert.Equal([early, late, other], listing.Archives);
        Assert.Empty(listing.Unreadable);
    }

    [Fact]
    public async Task A_listing_names_what_it_cannot_read_and_goes_on()
    {
        var good = await Create("disk", day: 1);
        await File.WriteAllTextAsync(_folder["notes.img.zst"], "not an archive");
        await File.WriteAllTextAsync(_folder["readme.txt"], "not named as one");
        var cut = (await File.ReadAllBytesAsync(good.Path))[..^1];
        await File.WriteAllBytesAsync(_folder["cut.img.zst"], cut);

        var listing = await _store.ListAsync();

        Assert.Equal([good], listing.Archives);
        Assert.Equal(["cut.img.zst", "notes.img.zst"], listing.Unreadable.Select(file => file.Name).Order(StringComparer.Ordinal));
        Assert.All(listing.Unreadable, file => Assert.Contains(file.Name, file.Problem, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Two_creators_at_once_make_two_archives()
    {
        var image = TestImage.Mixed(2_000_000);
        var another = TestArchive.Store(_folder);
        var created = await Task.WhenAll(
            _store.CreateAsync(new MemoryBlockDevice("disk", image), TestArchive.Options()),
            another.CreateAsync(new MemoryBlockDevice("disk", image), TestArchive.Options()));

        var listing = await _store.ListAsync();

        Assert.Equal(created.OrderBy(archive => archive.Manifest.ArchiveId), listing.Archives);
        foreach (var info in created)
        {
            await using var archive = await _store.OpenAsync(info.Name);
            Assert.Equal(image, await TestArchive.Restored(archive));
        }
    }

    [Fact]
    public async Task What_is_being_written_is_not_listed_and_not_removed()
    {
        using var reading = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        var disk = new MemoryBlockDevice("disk", Enumerable.Repeat((byte)1, 100_000).ToArray())
        {
            Fault = (_, _, _) =>
            {
                reading.Set();
                goOn.Wait(TestContext.Current.CancellationToken);
            },
        };

        var creation = Task.Run(() => _store.CreateAsync(disk, TestArchive.Options()));
        reading.Wait(TestContext.Current.CancellationToken);
        var listing = await _store.ListAsync();
        var partial = Assert.Single(_store.ListPartial());
        var removed = _store.RemoveAbandoned();
        goOn.Set();
        var info = await creation;

        Assert.Empty(listing.Archives);
        Assert.Empty(listing.Unreadable);
        Assert.Equal(info.Name + ".partial", partial.Name);
        Assert.Empty(removed);
        Assert.Empty(_store.ListPartial());
        Assert.Equal([info], (await _store.ListAsync()).Archives);
    }

    [Fact]
    public async Task What_a_dead_writer_left_is_listed_and_removed()
    {
        var good = await Create("disk", day: 1);
        await File.WriteAllTextAsync(_folder["disk-20250101T000000Z-00000000.img.zst.partial"], "left by a crash");

        Assert.Equal([new PartialArchive("disk-20250101T000000Z-00000000.img.zst.partial", 15)], _store.ListPartial());
        Assert.Equal(["disk-20250101T000000Z-00000000.img.zst.partial"], _store.RemoveAbandoned());

        Assert.Equal([good.Path], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public async Task A_deleted_archive_is_gone_and_can_be_read_to_the_end_by_who_has_it_open()
    {
        var info = await Create("disk", day: 1);
        await using var archive = await _store.OpenAsync(info.Name);

        _store.Delete(info.Name);

        Assert.Empty((await _store.ListAsync()).Archives);
        Assert.True((await archive.VerifyAsync()).IsIntact);
    }

    [Theory]
    [InlineData("missing.img.zst")]
    [InlineData("../store/disk.img.zst")]
    [InlineData("")]
    [InlineData("readme.txt")]
    public async Task A_name_that_is_no_archive_of_the_store_is_refused(string name)
    {
        await File.WriteAllTextAsync(_folder["readme.txt"], "not an archive");

        var opening = await Assert.ThrowsAsync<ArchiveException>(() => _store.OpenAsync(name));
        var deleting = Assert.Throws<ArchiveException>(() => _store.Delete(name));

        Assert.Equal((ArchiveError.NotFound, ArchiveError.NotFound), (opening.Reason, deleting.Reason));
        Assert.True(File.Exists(_folder["readme.txt"]));
    }

    [Fact]
    public async Task An_archive_is_its_owners_alone()
    {
        var info = await Create("disk", day: 1);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(info.Path));
    }

    [Fact]
    public async Task Keeping_the_last_names_the_older_ones_of_that_series_alone()
    {
        var (mine, theirs) = (Guid.NewGuid(), Guid.NewGuid());
        var archives = new List<ArchiveInfo>();
        for (var day = 1; day <= 4; day++)
        {
            archives.Add(await Create("disk", day, mine));
            archives.Add(await Create("disk", day, theirs)); // another host's job of the same name
            archives.Add(await Create("disk", day));         // made by hand
        }

        var plan = RetentionPlan.KeepLast(archives, mine, 3);

        Assert.Equal([archives[9], archives[6], archives[3]], plan.Keep);
        Assert.Equal([archives[0]], plan.Remove);
        Assert.Empty(RetentionPlan.KeepLast(archives, mine, 4).Remove);
        Assert.Empty(RetentionPlan.KeepLast(archives, Guid.NewGuid(), 1).Keep);
    }

    [Fact]
    public void Keeping_none_is_refused()
    {
        var error = Assert.Throws<ArchiveException>(() => RetentionPlan.KeepLast([], Guid.NewGuid(), 0));

        Assert.Equal(ArchiveError.InvalidOption, error.Reason);
    }

    private Task<ArchiveInfo> Create(string device, int day, Guid? series = null) => _store.CreateAsync(
        new MemoryBlockDevice(device, TestImage.Mixed(100_000, day)),
        TestArchive.Options(device) with { SnapshotTime = new DateTimeOffset(2025, 1, day, 0, 0, 0, TimeSpan.Zero), SeriesId = series });
}
