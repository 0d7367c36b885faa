BeforeAll {
    . "$PSScriptRoot/Session.ps1"
}

AfterAll {
    Stop-TestSession
}

Describe 'Test-SnapArchive' {
    BeforeEach {
        $folder = New-TestFolder
        $store = New-TestFolder
        $null = New-SnapDevice (New-TestDisk "$folder/disk.img") "$folder/disk.log" -LogSize 1MB -Name db
        $null = Start-Snapshot db
        $archive = New-SnapArchive db $store
    }

    AfterEach {
        Clear-TestSession
    }

    It 'reads everything' {
        $report = Test-SnapArchive -Path $archive.Path
        $report.Path | Should -Be $archive.Path
        $report.IsIntact | Should -BeTrue
        $report.ContentChecked | Should -BeTrue
        $report.BytesVerified | Should -Be 2MB
        $report.Damaged | Should -BeNullOrEmpty
    }

    It 'looks at the structure only when it is told to' {
        $report = Test-SnapArchive $archive.Path -StructureOnly
        $report.IsIntact | Should -BeTrue
        $report.ContentChecked | Should -BeFalse
    }

    It 'finds a flipped bit and says where' {
        Edit-TestFile $archive.Path 5000
        $report = Test-SnapArchive $archive.Path
        $report.IsIntact | Should -BeFalse
        $report.Damaged | Should -HaveCount 1
        $report.Damaged[0].Offset | Should -Be 0
        $report.Problem | Should -BeNullOrEmpty
    }

    It 'finds that the end is missing' {
        $stream = [System.IO.File]::Open($archive.Path, 'Open', 'Write')
        try { $stream.SetLength($archive.StoredSize - 100) }
        finally { $stream.Dispose() }
        $report = Test-SnapArchive $archive.Path
        $report.IsIntact | Should -BeFalse
        $report.Problem | Should -Not -BeNullOrEmpty
    }

    It 'answers only whether it is intact with -Quiet' {
        Test-SnapArchive $archive.Path -Quiet | Should -BeTrue
        Test-SnapArchive $archive.Path -Quiet | Should -BeOfType bool
        Edit-TestFile $archive.Path 5000
        Test-SnapArchive $archive.Path -Quiet | Should -BeFalse
    }

    It 'takes archives, paths and files from the pipeline' {
        (Get-SnapArchive -Store $store | Test-SnapArchive).Path | Should -Be $archive.Path
        ($archive.Path | Test-SnapArchive).IsIntact | Should -BeTrue
        ([System.IO.FileInfo]::new($archive.Path) | Test-SnapArchive).IsIntact | Should -BeTrue
    }

    It 'refuses a path where nothing is' {
        { Test-SnapArchive "$store/none.img.zst" } |
            Should -Throw -ErrorId 'BlockDeviceError.NotFound,SnapBackup.PowerShell.TestSnapArchiveCommand'
    }
}
